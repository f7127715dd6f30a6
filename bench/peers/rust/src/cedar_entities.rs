//! Cedar with the rules' paths as data, as its best practices advise for relationships: every folder that a rule
//! names is a member of that rule's group, and one policy a kind of rule says what the group may. Few policies at
//! any number of rules, but the host walks the path when it builds the entities: "with building the request" is
//! this engine's whole cost.
use crate::cedar::{policy_in, Store};
use crate::{prefixes, text, Engine};
use cedar_policy::{Decision, Entities, Entity, EntityUid, Request};
use serde_json::{json, Value};
use std::collections::{HashMap, HashSet};

type Groups = HashMap<String, Vec<EntityUid>>;

pub struct CedarEntities {
    store: Store,
    below: Groups,
    exact: Groups,
}

impl Engine for CedarEntities {
    type Built = (Request, Entities);
    const NAME: &'static str = "Cedar, rules as entities";
    const CRATE: &'static str = "cedar-policy";

    fn load(work: &Value) -> Result<Self, String> {
        let (mut below, mut exact, mut kinds) = (Groups::new(), Groups::new(), HashMap::new());
        let mut policies = vec![];
        for (layer, rules) in work["layers"].as_array().unwrap().iter().enumerate() {
            let mut text_of_layer = String::new();
            for rule in rules.as_array().unwrap() {
                let mut kind = rule.clone();
                kind["prefix"] = json!("");
                kind["line"] = json!(0);
                let count = kinds.len();
                let group = kinds.entry((layer, kind.to_string())).or_insert_with(|| {
                    let name = format!("Group::\"{count}\"");
                    text_of_layer += &policy_in(rule, &format!("in {name}"));
                    name.parse::<EntityUid>().unwrap()
                });
                let groups = if rule["only"].as_bool().unwrap() { &mut exact } else { &mut below };
                groups.entry(text(rule, "prefix").into()).or_insert_with(Vec::new).push(group.clone());
            }
            policies.push(text_of_layer.parse().unwrap());
        }
        Ok(CedarEntities { store: Store::new(policies), below, exact })
    }

    fn build(&self, query: &Value) -> Self::Built {
        let path = text(query, "resource");
        let mut groups: HashSet<EntityUid> = self.exact.get(path).into_iter().flatten().cloned().collect();
        groups.extend(prefixes(path).into_iter().filter_map(|prefix| self.below.get(prefix)).flatten().cloned());
        let document = Entity::new(self.store.document(path), HashMap::new(), groups).unwrap();
        (self.store.request(query), Entities::from_entities([document], None).unwrap())
    }

    fn decide(&mut self, (request, entities): &Self::Built) -> bool {
        self.store.decide(request, entities) == Decision::Allow
    }
}
