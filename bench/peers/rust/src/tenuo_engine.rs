//! Tenuo: one warrant whose tools are the actions. A path is a `Subpath`, which wants absolute paths, so
//! `docs:/a` is written `/docs:/a`; a layer's denied folders are `Not` beside `Any` of the allowed ones. A constraint
//! looks at one argument alone, so a deny rule with a condition is written as the matching bound on the allow rule.
//! `Tenuo` is the whole check, signature and proof of possession included; `TenuoConstraints` only the constraints.
use crate::{has_condition, text, Engine};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use tenuo::constraints::{All, Any, Not};
use tenuo::{wire, Authorizer, Constraint, ConstraintSet, ConstraintValue, Exact, Pattern, Range, Signature, SigningKey, Subpath, Warrant};

type Arguments = HashMap<String, ConstraintValue>;

fn absolute(resource: &str) -> String {
    let (system, path) = resource.split_once(':').unwrap();
    if path.is_empty() || path.starts_with('/') { format!("/{system}:{path}") } else { format!("/{system}:/{path}") }
}

fn covers(rule: &Value) -> Constraint {
    let path = absolute(text(rule, "prefix"));
    if rule["only"].as_bool().unwrap() { Constraint::Exact(Exact::new(path)) } else { Constraint::Subpath(Subpath::new(path).unwrap()) }
}

fn speaks_of(rule: &Value, action: &str) -> bool {
    rule["actions"].as_array().unwrap().iter().any(|name| name == "*" || name == action)
}

fn constraints_of(rules: &[Value], action: &str) -> Result<ConstraintSet, String> {
    let (denied, allowed): (Vec<&Value>, Vec<&Value>) = rules.iter().filter(|rule| speaks_of(rule, action)).partition(|rule| rule["deny"].as_bool().unwrap());
    let mut set = ConstraintSet::new();
    let mut path = vec![Constraint::Any(Any::new(allowed.iter().map(|rule| covers(rule))))];
    let mut bounded = BTreeMap::new();
    if let [rule] = allowed[..] {
        if !text(rule, "filename_suffix").is_empty() {
            bounded.insert("filename", Constraint::Pattern(Pattern::new(&format!("*{}", text(rule, "filename_suffix"))).unwrap()));
        }
    } else if allowed.iter().any(|rule| has_condition(rule)) {
        return Err("an argument's constraint cannot depend on another argument".into());
    }
    for rule in denied {
        match (rule["size_over"].as_i64().unwrap(), &allowed[..]) {
            (-1, _) => path.push(Constraint::Not(Not::new(covers(rule)))),
            (size, [only]) if text(only, "prefix").starts_with(text(rule, "prefix")) => {
                bounded.insert("size", Constraint::Range(Range::max(size as f64).unwrap()));
            }
            _ => return Err("an argument's constraint cannot depend on another argument".into()),
        }
    }
    set.insert("path", Constraint::All(All::new(path)));
    for (name, constraint) in bounded {
        set.insert(name, constraint);
    }
    set.set_allow_unknown(true);
    Ok(set)
}

struct Holder {
    warrant: Warrant,
    authorizer: Authorizer,
    key: SigningKey,
}

fn load(work: &Value) -> Result<Holder, String> {
    let layers = work["layers"].as_array().unwrap();
    let issuer = SigningKey::generate();
    let key = SigningKey::generate();
    let mut warrant: Option<Warrant> = None;
    for rules in layers.iter().rev() {
        let rules = rules.as_array().unwrap();
        let actions: BTreeSet<&str> = rules.iter().filter(|rule| !rule["deny"].as_bool().unwrap()).flat_map(|rule| rule["actions"].as_array().unwrap()).map(|name| name.as_str().unwrap()).collect();
        if warrant.is_some() {
            return Err("not written: the first warrant of the chain already failed in every workload with layers".into());
        }
        let mut builder = Warrant::builder().holder(key.public_key()).ttl(Duration::from_secs(3600));
        for action in actions {
            builder = builder.capability(action, constraints_of(rules, action)?);
        }
        let signed = builder.build(&issuer).map_err(|error| error.to_string())?;
        // A warrant travels: what cannot be read back cannot be used.
        let bytes = wire::encode(&signed).map_err(|error| error.to_string())?;
        warrant = Some(wire::decode(&bytes).map_err(|error| format!("a warrant of {} bytes: {error}", bytes.len()))?);
    }
    let mut authorizer = Authorizer::new();
    authorizer.add_trusted_root(issuer.public_key());
    Ok(Holder { warrant: warrant.unwrap(), authorizer, key })
}

fn arguments(query: &Value) -> Arguments {
    let mut arguments = Arguments::from([("path".into(), ConstraintValue::String(absolute(text(query, "resource"))))]);
    if !text(query, "filename").is_empty() {
        arguments.insert("filename".into(), ConstraintValue::String(text(query, "filename").into()));
        arguments.insert("size".into(), ConstraintValue::Integer(query["size"].as_i64().unwrap()));
    }
    arguments
}

pub struct Tenuo(Holder);

impl Engine for Tenuo {
    type Built = (String, Arguments, Option<Signature>);
    const NAME: &'static str = "Tenuo";
    const CRATE: &'static str = "tenuo";

    fn load(work: &Value) -> Result<Self, String> {
        load(work).map(Tenuo)
    }

    /// With the agent's proof of possession: its signature over the call.
    fn build(&self, query: &Value) -> Self::Built {
        let (action, arguments) = (text(query, "action"), arguments(query));
        let proof = self.0.warrant.sign(&self.0.key, action, &arguments).ok();
        (action.into(), arguments, proof)
    }

    fn decide(&mut self, (action, arguments, proof): &Self::Built) -> bool {
        self.0.authorizer.authorize_one(&self.0.warrant, action, arguments, proof.as_ref(), &[]).is_ok()
    }
}

pub struct TenuoConstraints(Holder);

impl Engine for TenuoConstraints {
    type Built = (String, Arguments);
    const NAME: &'static str = "Tenuo, constraints only";
    const CRATE: &'static str = "tenuo";

    fn load(work: &Value) -> Result<Self, String> {
        load(work).map(TenuoConstraints)
    }

    fn build(&self, query: &Value) -> Self::Built {
        (text(query, "action").into(), arguments(query))
    }

    fn decide(&mut self, (action, arguments): &Self::Built) -> bool {
        self.0.warrant.check_constraints(action, arguments).is_ok()
    }
}
