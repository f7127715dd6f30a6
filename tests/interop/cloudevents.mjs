// Reads structured CloudEvents from standard input, one a line, with the CloudEvents project's own library,
// which checks each against the published schema; prints the `data` of each.
//   INTEROP=FOLDER node cloudevents.mjs
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { HTTP } = createRequire(`${process.env.INTEROP}/package.json`)("cloudevents");
for await (const line of createInterface({ input: process.stdin })) {
  const event = HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body: line });
  event.validate(); // throws where it is none
  console.log(JSON.stringify({ id: event.id, type: event.type, time: event.time, subject: event.subject, traceparent: event.traceparent, data: event.data }));
}
