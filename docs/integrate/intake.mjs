// Send an admission to Plek from an organisation's own system, or read what was refused:
// `node intake.mjs send SHELTER UNIT`, `node intake.mjs refusals`.
// Needs kafkajs (`npm ci`), and what `plek intake add` printed: INTAKE_BOOTSTRAP, INTAKE_SECURITY, INTAKE_TOPIC, INTAKE_USER, INTAKE_PASSWORD.
import { randomUUID } from "node:crypto";
import kafkajs from "kafkajs";

const { INTAKE_BOOTSTRAP, INTAKE_SECURITY = "SASL_SSL", INTAKE_TOPIC: topic, INTAKE_USER, INTAKE_PASSWORD } = process.env;
const kafka = new kafkajs.Kafka({
  clientId: topic,
  brokers: INTAKE_BOOTSTRAP.split(","),
  ssl: INTAKE_SECURITY === "SASL_SSL",
  sasl: { mechanism: "scram-sha-512", username: INTAKE_USER, password: INTAKE_PASSWORD },
  logLevel: kafkajs.logLevel.ERROR,
});

// In binary mode: the attributes are headers, the data is the value. Keep both until Kafka has them: sent again, the same id counts once
const admission = (shelter, unit) => ({
  key: shelter,
  headers: {
    "content-type": "application/json",
    ce_specversion: "1.0",
    ce_id: randomUUID(),
    ce_source: `urn:plek:shelter:${shelter}:system`,
    ce_type: "nl.plek.admission.v1",
    ce_subject: shelter,
    ce_time: new Date().toISOString(),
  },
  value: JSON.stringify({ shelter, unit, stay: randomUUID(), adults: 1, children: 2 }),
});

async function send(shelter, unit) {
  // An idempotent producer keeps the order, also when it has to send again
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    const [sent] = await producer.send({ topic, acks: -1, messages: [admission(shelter, unit)] });
    console.log(`sent: ${sent.topicName} ${sent.partition} ${sent.baseOffset}`);
  } finally {
    await producer.disconnect();
  }
}

// Print what was refused since the last time, for as long as something comes within so many seconds
async function refusals(seconds = 5) {
  const consumer = kafka.consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topics: [`${topic}.refused`], fromBeginning: true });
  await new Promise((done) => {
    // To join the group takes a time of its own, in which nothing comes
    let quiet = setTimeout(done, 60_000);
    const again = () => (quiet = (clearTimeout(quiet), setTimeout(done, seconds * 1000)));
    consumer.on(consumer.events.GROUP_JOIN, again);
    consumer.run({
      eachMessage: async ({ message }) => {
        console.log(`refused: ${message.value}`);
        again();
      },
    });
  });
  await consumer.disconnect();
}

const [verb, ...words] = process.argv.slice(2);
if (verb === "send") await send(...words);
else if (verb === "refusals") await refusals();
else process.exitCode = (console.error("intake.mjs send SHELTER UNIT | intake.mjs refusals"), 1);
