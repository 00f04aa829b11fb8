// Validates resources of the Prometheus operator, given as a JSON file with a list; prints for each the message of what is wrong, or null.
import { readFileSync } from "node:fs";
import { PodMonitor, PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";

const kinds = { PodMonitor, PrometheusRule };
const answers = JSON.parse(readFileSync(process.argv[2], "utf-8")).map((resource) => {
  try {
    new kinds[resource.kind](resource).validate();
    return null;
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(answers));
