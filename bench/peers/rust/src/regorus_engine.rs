//! regorus: the policy of peers.rego, a module a layer, over rules indexed by path and action. Compiled for its
//! register machine, which its own benchmarks reuse from request to request.
use crate::{has_condition, prefixes, text, Engine};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::Value as Rego;
use serde_json::{json, Value};

const POLICY: &str = include_str!("../../peers.rego");
const ENTRY: &str = "data.peers.allow";

pub struct Regorus {
    machine: RegoVM,
}

/// As peers.rego reads it, and as index.go makes it for OPA and CEL: by layer, effect, kind, path and action, `*`
/// written out.
fn index(work: &Value) -> Value {
    let mut all = json!({});
    for (i, rules) in work["layers"].as_array().unwrap().iter().enumerate() {
        let mut index = json!({});
        for effect in ["allow", "deny"] {
            index[effect] = json!({"below": {}, "exact": {}, "when": {}});
        }
        for rule in rules.as_array().unwrap() {
            let (index, path, only) = (&mut index[if rule["deny"].as_bool().unwrap() { "deny" } else { "allow" }], text(rule, "prefix"), rule["only"].as_bool().unwrap());
            let system = path.split(':').next().unwrap();
            let actions = if rule["actions"][0] == "*" { &work["systems"][system] } else { &rule["actions"] };
            for action in actions.as_array().unwrap() {
                let action = action.as_str().unwrap();
                if has_condition(rule) {
                    assert!(!only, "no workload has a conditional rule for just one path");
                    let at = &mut index["when"][path][action];
                    if at.is_null() {
                        *at = json!([]);
                    }
                    at.as_array_mut().unwrap().push(rule.clone());
                } else {
                    index[if only { "exact" } else { "below" }][path][action] = json!(true);
                }
            }
        }
        all[layer_name(i)] = index;
    }
    json!({ "layers": all })
}

fn layer_name(i: usize) -> String {
    format!("layer_{i}")
}

impl Engine for Regorus {
    type Built = Rego;
    const NAME: &'static str = "regorus";
    const CRATE: &'static str = "regorus";

    fn load(work: &Value) -> Result<Self, String> {
        let data = Rego::from(index(work));
        let mut engine = regorus::Engine::new();
        let mut all = String::from("package peers\n\nimport rego.v1\n\ndefault allow := false\n\nallow if {\n");
        for i in 0..work["layers"].as_array().unwrap().len() {
            let name = layer_name(i);
            engine.add_policy(format!("{name}.rego"), POLICY.replace("LAYER", &name)).unwrap();
            all += &format!("  data.peers.{name}.permits\n");
        }
        engine.add_policy("peers.rego".into(), all + "}\n").unwrap();
        engine.add_data(data.clone()).unwrap();
        let policy = engine.compile_with_entrypoint(&ENTRY.into()).unwrap();
        let mut machine = RegoVM::new();
        machine.load_program(Compiler::compile_from_policy(&policy, &[ENTRY]).unwrap());
        machine.set_data(data).unwrap();
        Ok(Regorus { machine })
    }

    fn build(&self, query: &Value) -> Rego {
        let mut input = query.clone();
        input["prefixes"] = json!(prefixes(text(query, "resource")));
        Rego::from(input)
    }

    fn decide(&mut self, input: &Rego) -> bool {
        self.machine.set_input(input.clone());
        *self.machine.execute().unwrap().as_bool().unwrap()
    }
}
