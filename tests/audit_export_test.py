#!/usr/bin/env python3
"""`remit audit export`: each form against its published schema, and every record back out of it, byte for byte.

What judges is installed below the build folder on first use (tests/interop/install_schemas).
"""
import argparse
import base64
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import audit_sessions as sessions

OPTIONS, REMIT = None, "remit"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

# What the command that makes the trail here gives no occasion for.
ODD = {
    20: {"kind": "gap", "count": 3, "denied": 2, "actions": ["read"], "why": "the disk is full"},
    21: {"kind": "retention", "count": 9, "class": "standard", "before": "2020-01-01T00:00:00.000000Z", "removed": {"count": 9, "sha256": "0" * 64}},
    22: {"kind": "decision", "effect": "deny", "reason": "malformed_resource", "action": "read", "resource": {"bytes": 9000, "sha256": "0" * 64}},
    23: {"kind": "outcome", "decision": "0" * 32, "ok": False, "agent": "a", "on_behalf_of": "Mike", "detail": " "},
    24: {"kind": "opening", "agent": " ", "sponsor": "ann@acme.example", "purpose": " \n ", "time": "-70000000000000000"},
    25: {"kind": "end", "agent": "a", "on_behalf_of": "Mike", "time": "250000000000000000"},
}


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.installed = OPTIONS.build / "interop" / "schemas"  # apart from what other tests install at the same time
        subprocess.run([str(OPTIONS.source / "tests" / "interop" / "install_schemas"), str(cls.installed), sys.executable], check=True, timeout=600)
        sys.path.insert(0, str(cls.installed / "python"))
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        sessions.write_documents(cls.folder)
        lines = [*sessions.random_story(random.Random(1), 300), *renamed(sessions.random_story(random.Random(2), 300, hostile=True))]
        sessions.record(REMIT, cls.folder, lines)

        def vary(one):
            common = {"seq": one["seq"], "time": one["time"], "v": 1}
            if one["seq"] in ODD:
                return {**common, **ODD[one["seq"]]}
            return {**one, "trace": TRACE, "span": SPAN} if one["kind"] == "decision" and one["seq"] % 2 else None
        sessions.rewrite(cls.folder / "trail.db", vary)
        cls.rows = sessions.bodies(cls.folder / "trail.db")
        cls.records = [json.loads(body) for _, _, body in cls.rows]
        assert len({one["kind"] for one in cls.records}) > 6 and len(cls.rows) > 400

    def export(self, form, *words, code=0):
        done = subprocess.run([REMIT, "audit", "export", "trail.db", "--format", form, *words], cwd=self.folder, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()] if code == 0 else done.stderr.decode()

    def check_recovered(self, recovered):
        """The record's text, from each line: the same bytes, and so the same leaf hash."""
        self.assertEqual(len(recovered), len(self.rows))
        for text, (_, leaf, body) in zip(recovered, self.rows):
            self.assertEqual(text, body)
            self.assertEqual(sessions.leaf(text), leaf)

    def test_ocsf(self):
        from jsonschema import Draft202012Validator
        from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
        schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0")).get_class_schema("api_activity", ["security_control"])
        validator = Draft202012Validator(schema)
        events = self.export("ocsf")
        for event, one in zip(events, self.records):
            self.assertEqual([error.message for error in validator.iter_errors(event)], [], one["kind"])
            self.assertEqual((event["class_uid"], event["type_uid"]), (6003, 600300 + event["activity_id"]))
            self.assertEqual(event["actor"].get("user", {}).get("uid"), one.get("on_behalf_of", one.get("sponsor")))
            self.assertEqual(event["actor"].get("app_uid"), one.get("agent"))
            if one["kind"] == "decision":
                self.assertEqual((event["action_id"], event["status_id"]), {"allow": (1, 1), "deny": (2, 2), "ask": (99, 99)}[one["effect"]])
                self.assertEqual(event["api"]["operation"], one["action"])
        self.check_recovered([event["raw_data"] for event in events])
        broken = {**events[0], "actor": {}, "unheard_of": 1}
        self.assertGreaterEqual(len(list(validator.iter_errors(broken))), 2)  # the schema does judge

    def test_fhir(self):
        from jsonschema import Draft6Validator
        folder = self.installed / "node_modules" / "@medplum" / "definitions" / "dist" / "fhir" / "r4"
        schema = json.loads((folder / "fhir.schema.json").read_text())
        self.assertEqual(schema["id"], "http://hl7.org/fhir/json-schema/4.0")
        validator = Draft6Validator({"$schema": schema["$schema"], "definitions": schema["definitions"], "$ref": "#/definitions/AuditEvent"})
        codes = Codes(folder)
        events = self.export("fhir")
        seen = {}  # most events are alike in form: each form goes through the validator a few times
        for event, one in zip(events, self.records):
            form = shape(event)
            seen[form] = seen.get(form, 0) + 1
            if seen[form] <= 3:
                self.assertEqual([error.message for error in validator.iter_errors(event)], [], one["kind"])
            for path, coding in (("audit-event-type", event["type"]), ("audit-source-type", event["source"]["type"][0]), ("audit-entity-type", event["entity"][0]["type"]),
                                 *(("participation-role-type", agent["type"]["coding"][0]) for agent in event["agent"])):
                self.assertTrue(codes.has(path, coding), (path, coding))
            roles = {agent["type"]["coding"][0]["code"]: agent for agent in event["agent"]}
            if sessions_plain(one.get("agent")):
                self.assertEqual(roles["DELEGATEE"]["who"]["identifier"]["value"], one["agent"])
            if sessions_plain(one.get("on_behalf_of")):
                self.assertEqual(roles["DELEGATOR"]["who"]["identifier"]["value"], one["on_behalf_of"])
                self.assertFalse(roles["DELEGATOR"]["requestor"])
            self.assertEqual(sum(agent["requestor"] for agent in event["agent"]), 1)
            self.assertFalse("name" in event["entity"][0] and "query" in event["entity"][0])  # constraint sev-1
        self.assertGreater(len(seen), 8)
        self.check_recovered([base64.b64decode(next(detail["valueBase64Binary"] for detail in event["entity"][0]["detail"] if detail["type"] == "remit.record"),
                                               validate=True).decode() for event in events])
        self.assertNotEqual(list(validator.iter_errors({**events[0], "agent": 5})), [])
        self.assertFalse(codes.has("participation-role-type", {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "BOSS"}))

    def test_cloudevents(self):
        done = subprocess.run([REMIT, "audit", "export", "trail.db", "--format", "cloudevents"], cwd=self.folder, capture_output=True, timeout=120, check=True)
        read = subprocess.run(["node", str(OPTIONS.source / "tests" / "interop" / "cloudevents.mjs")], input=done.stdout, capture_output=True, timeout=120,
                              env={**os.environ, "INTEROP": str(self.installed)}, check=False)
        self.assertEqual(read.returncode, 0, read.stderr.decode()[-2000:])
        events = [json.loads(line) for line in read.stdout.splitlines()]
        for event, one, (_, leaf, _) in zip(events, self.records, self.rows):
            self.assertEqual((event["type"], event["id"]), ("remit.audit." + one["kind"], leaf.hex()))
            self.assertEqual(event.get("traceparent"), f"00-{TRACE}-{SPAN}-01" if "trace" in one else None)
        self.check_recovered([sessions.canonical(event["data"]) for event in events])
        raw = self.export("cloudevents")
        self.check_recovered([sessions.canonical(event["data"]) for event in raw])
        self.assertEqual(len({event["id"] for event in raw}), len(raw))
        bad = subprocess.run(["node", str(OPTIONS.source / "tests" / "interop" / "cloudevents.mjs")], input=json.dumps({name: value for name, value in raw[0].items() if name != "type"}).encode(), capture_output=True,
                             env={**os.environ, "INTEROP": str(self.installed)}, timeout=60, check=False)
        self.assertNotEqual(bad.returncode, 0)

    def test_otlp(self):
        from google.protobuf import json_format
        from opentelemetry.proto.logs.v1 import logs_pb2
        recovered = []
        for line, one in zip(self.export("otlp"), self.records):
            # OTLP/JSON has identifiers in hexadecimal where protobuf's own JSON has base64.
            for log in line["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
                for member in ("traceId", "spanId"):
                    if member in log:
                        log[member] = base64.b64encode(bytes.fromhex(log[member])).decode()
            data = json_format.ParseDict(line, logs_pb2.LogsData(), ignore_unknown_fields=False)
            (log,) = data.resource_logs[0].scope_logs[0].log_records
            self.assertEqual((log.trace_id.hex(), log.span_id.hex()), (one.get("trace", ""), one.get("span", "")))
            attributes = {item.key: item.value.string_value for item in log.attributes}
            self.assertEqual(attributes.get("remit.agent"), one.get("agent"))
            self.assertEqual(attributes.get("user.id"), one.get("on_behalf_of", one.get("sponsor")))
            self.assertEqual(log.event_name, "remit." + one["kind"])
            self.assertEqual(log.severity_number, 17 if one["kind"] == "gap" else 13 if one.get("effect") == "deny" or one["kind"] == "refusal" else 9)
            recovered.append(log.body.string_value)
        self.check_recovered(recovered)
        with self.assertRaises(json_format.ParseError):
            json_format.ParseDict({"resourceLogs": [{"unheardOf": 1}]}, logs_pb2.LogsData())

    def test_filters_and_files(self):
        denied = [one for one in self.records if one.get("effect") == "deny"]
        out = self.folder / "out.jsonl"
        self.export("ocsf", "--effect", "deny", "-o", str(out))
        self.assertEqual([json.loads(json.loads(line)["raw_data"])["seq"] for line in out.read_bytes().splitlines()], [one["seq"] for one in denied])
        before = (self.folder / "trail.db").read_bytes()
        self.assertIn("trail itself", self.export("ocsf", "-o", "trail.db", code=2))
        self.assertEqual((self.folder / "trail.db").read_bytes(), before)
        self.assertIn("cannot be written", self.export("ocsf", "-o", "no/such/folder", code=2))
        if os.path.exists("/dev/full"):
            self.assertIn("cannot be written", self.export("ocsf", "-o", "/dev/full", code=2))
        self.assertIn("--format", self.export("xml", code=2))

    def test_memory_is_constant(self):
        """Twenty times the trail, no more memory."""
        def peak(path):
            script = "import resource,subprocess,sys; subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            return int(subprocess.run([sys.executable, "-c", script, REMIT, "audit", "export", str(path), "--format", "fhir"], capture_output=True, check=True, timeout=300).stdout)
        large = self.folder / "large.db"
        lines = sessions.random_story(random.Random(4), 600)
        sessions.record(REMIT, self.folder, [one for i in range(20) for one in renamed(lines, f"r{i}-", i * len(lines))], trail="large.db")
        self.assertGreater(len(sessions.bodies(large)), 7000)
        self.assertLess(peak(large), peak(self.folder / "trail.db") + 8_000)  # KiB


class Codes:
    """Which codes a value set of FHIR R4 has, by its published definition."""

    def __init__(self, folder):
        self.resources = {}
        for name in ("valuesets.json", "v3-codesystems.json"):
            for entry in json.loads((folder / name).read_text())["entry"]:
                self.resources[entry["resource"]["resourceType"], entry["resource"]["url"]] = entry["resource"]

    def has(self, value_set, coding):
        for include in self.resources["ValueSet", f"http://hl7.org/fhir/ValueSet/{value_set}"]["compose"]["include"]:
            if include.get("system") != coding["system"]:
                continue
            if "concept" in include:
                if coding["code"] in {concept["code"] for concept in include["concept"]}:
                    return True
            elif "filter" not in include:
                return coding["code"] in {concept["code"] for concept in self.resources["CodeSystem", coding["system"]]["concept"]}
        return False


def shape(value):
    """The form of a JSON value: its members and types, not its texts."""
    if isinstance(value, dict):
        return tuple(sorted((name, shape(member)) for name, member in value.items()))
    if isinstance(value, list):
        return tuple(shape(item) for item in value)
    return type(value).__name__


def renamed(lines, before="h-", further=300):
    """The same lines with other names of sessions, to stand `further` lines down in a file."""
    out = []
    for line in lines:
        line = {**line, **{name: before + line[name] for name in ("as", "session") if name in line}}
        if "line" in line:
            line["line"] += further
        out.append(line)
    return out


def sessions_plain(name):
    return isinstance(name, str) and name.isascii() and name.isprintable() and name.strip() == name


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.source, OPTIONS.build = OPTIONS.source.resolve(), OPTIONS.build.resolve()
    REMIT = str(OPTIONS.build / "bin" / "remit")
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
