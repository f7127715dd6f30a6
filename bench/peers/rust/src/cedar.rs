//! Cedar: one policy a rule. Paths are what its documentation advises for folders, a hierarchy: the resource
//! is an entity whose ancestors are the folders above it. Layers are policy sets, and all of them must allow,
//! because inside one set any permit is enough.
use crate::{prefixes, text, Engine};
use cedar_policy::{Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request, RestrictedExpression};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// What both ways of writing the rules share: policy sets and requests.
pub struct Store {
    authorizer: Authorizer,
    layers: Vec<PolicySet>,
    principal: EntityUid,
    types: [EntityTypeName; 3], // Action, Folder, Document
}

/// The rule as a policy, for resources that are `resource`: "in Folder::..." or "== Document::...".
pub fn policy_in(rule: &Value, resource: &str) -> String {
    let actions: Vec<String> = rule["actions"].as_array().unwrap().iter().map(|action| format!("Action::{action}")).collect();
    let action = if actions[0] == "Action::\"*\"" { "action".into() } else { format!("action in [{}]", actions.join(", ")) };
    let mut when = vec![];
    for (name, condition) in [("suffix", "context.path like"), ("filename_suffix", "context.filename like")] {
        if !text(rule, name).is_empty() {
            when.push(format!("{condition} \"*{}\"", text(rule, name)));
        }
    }
    if !text(rule, "not_suffix").is_empty() {
        when.push(format!("!(context.path like \"*{}\")", text(rule, "not_suffix")));
    }
    if rule["size_over"].as_i64().unwrap() >= 0 {
        when.push(format!("context.size > {}", rule["size_over"]));
    }
    let when = if when.is_empty() { String::new() } else { format!(" when {{ {} }}", when.join(" && ")) };
    let effect = if rule["deny"].as_bool().unwrap() { "forbid" } else { "permit" };
    format!("{effect}(principal, {action}, resource {resource}){when};\n")
}

fn policy_of(rule: &Value) -> String {
    let kind = if rule["only"].as_bool().unwrap() { "== Document" } else { "in Folder" };
    policy_in(rule, &format!("{kind}::{}", rule["prefix"]))
}

impl Store {
    pub fn new(layers: Vec<PolicySet>) -> Self {
        Store {
            authorizer: Authorizer::new(),
            layers,
            principal: "User::\"mike@acme.example\"".parse().unwrap(),
            types: ["Action", "Folder", "Document"].map(|name| name.parse().unwrap()),
        }
    }

    fn uid(&self, kind: usize, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.types[kind].clone(), EntityId::new(id))
    }

    pub fn document(&self, path: &str) -> EntityUid {
        self.uid(2, path)
    }

    pub fn request(&self, query: &Value) -> Request {
        let path = text(query, "resource");
        let context = Context::from_pairs([
            ("path".into(), RestrictedExpression::new_string(path.into())),
            ("filename".into(), RestrictedExpression::new_string(text(query, "filename").into())),
            ("size".into(), RestrictedExpression::new_long(query["size"].as_i64().unwrap())),
        ]).unwrap();
        Request::new(self.principal.clone(), self.uid(0, text(query, "action")), self.document(path), context, None).unwrap()
    }

    pub fn decide(&self, request: &Request, entities: &Entities) -> Decision {
        let all = self.layers.iter().all(|layer| self.authorizer.is_authorized(request, layer, entities).decision() == Decision::Allow);
        if all { Decision::Allow } else { Decision::Deny }
    }
}

pub struct Cedar {
    store: Store,
}

impl Engine for Cedar {
    type Built = (Request, Entities);
    const NAME: &'static str = "Cedar";
    const CRATE: &'static str = "cedar-policy";

    fn load(work: &Value) -> Result<Self, String> {
        let layers = work["layers"].as_array().unwrap().iter();
        let policies = layers.map(|rules| rules.as_array().unwrap().iter().map(policy_of).collect::<String>().parse().unwrap());
        Ok(Cedar { store: Store::new(policies.collect()) })
    }

    fn build(&self, query: &Value) -> Self::Built {
        let path = text(query, "resource");
        let folders: HashSet<EntityUid> = prefixes(path).into_iter().map(|prefix| self.store.uid(1, prefix)).collect();
        let document = Entity::new(self.store.document(path), HashMap::new(), folders).unwrap();
        (self.store.request(query), Entities::from_entities([document], None).unwrap())
    }

    fn decide(&mut self, (request, entities): &Self::Built) -> bool {
        self.store.decide(request, entities) == Decision::Allow
    }
}
