//! regorus: rules are data indexed by path, and the policy looks up the prefixes of the resource, which the
//! request brings along: what an expert writes in Rego, since a loop over all rules grows with their number.
use crate::{prefixes, text, Engine};
use regorus::{CompiledPolicy, Value as Rego};
use serde_json::{json, Value};

const POLICY: &str = include_str!("../../peers.rego");

pub struct Regorus {
    policy: CompiledPolicy,
}

impl Engine for Regorus {
    type Built = Rego;
    const NAME: &'static str = "regorus";
    const VERSION: &'static str = "0.5.0";

    fn load(work: &Value) -> Self {
        let layers: Vec<Value> = work["layers"].as_array().unwrap().iter().map(|rules| {
            let mut index = json!({"allow": {}, "deny": {}});
            for rule in rules.as_array().unwrap() {
                let at = &mut index[if rule["deny"].as_bool().unwrap() { "deny" } else { "allow" }][text(rule, "prefix")];
                if at.is_null() {
                    *at = json!([]);
                }
                at.as_array_mut().unwrap().push(rule.clone());
            }
            index
        }).collect();
        let mut engine = regorus::Engine::new();
        engine.add_policy("peers.rego".into(), POLICY.into()).unwrap();
        engine.add_data_json(&json!({ "layers": layers }).to_string()).unwrap();
        Regorus { policy: engine.compile_with_entrypoint(&"data.peers.allow".into()).unwrap() }
    }

    fn build(&self, query: &Value) -> Rego {
        let mut input = query.clone();
        input["prefixes"] = json!(prefixes(text(query, "resource")));
        Rego::from(input)
    }

    fn decide(&self, input: &Rego) -> bool {
        *self.policy.eval_with_input(input.clone()).unwrap().as_bool().unwrap()
    }
}
