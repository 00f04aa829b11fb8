// A stranger's program on the types that openapi-typescript makes: it admits, searches, holds and discharges, and prints what it was
// answered. Compiled with `tsc --strict`, so a body or an answer that the document describes otherwise does not compile.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/openapi.js";

declare const process: { env: Record<string, string | undefined>; stdout: { write(text: string): void } };

type Schemas = components["schemas"];

function set(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

function client(token: string) {
  return createClient<paths>({ baseUrl: set("PLEK_URL"), headers: { Authorization: `Bearer ${token}` } });
}

function good<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) throw new Error(`${response.status}: ${JSON.stringify(error)}`);
  return data;
}

const [desk, worker, unit] = [client(set("SHELTER_TOKEN")), client(set("WORKER_TOKEN")), set("PLEK_UNIT")];
const shelter = { path: { shelter: "berk" } };

const household: Schemas["AdmissionForm"] = { unit, adults: 1, children: 1 };
const movedIn = good(
  await desk.POST("/shelters/{shelter}/admissions", {
    params: { ...shelter, header: { "Idempotency-Key": `in-${unit}` } },
    body: household,
  }),
);
const found = good(await worker.POST("/searches", { body: { adults: 1, children: 0 } }));
const [offer] = found.offers;
if (offer === undefined) throw new Error("there is no offer");
let hold = good(await worker.POST("/holds", { body: { offer: offer.offer } }));
while (hold.status === "pending") {
  await new Promise((resolve) => setTimeout(resolve, 200));
  hold = good(await worker.GET("/holds/{hold}", { params: { path: { hold: hold.hold } } }));
}
const left = good(
  await desk.POST("/shelters/{shelter}/discharges", {
    params: shelter,
    body: { destination: "home", stay: movedIn.stay ?? "" },
  }),
);
const event = JSON.parse(set("PLEK_EVENT")) as Schemas["CountConfirmedEvent"];
const sent = good(
  await desk.POST("/events", { body: event, headers: { "Content-Type": "application/cloudevents+json" } }),
);
const answers = {
  admit: movedIn.type,
  hold: hold.status,
  discharge: left.type,
  events: sent.events.map((each) => each.status),
};
process.stdout.write(JSON.stringify(answers));

declare function setTimeout(action: (value: unknown) => void, ms: number): unknown;
