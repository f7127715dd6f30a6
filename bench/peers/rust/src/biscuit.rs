//! Biscuit: a token whose blocks are the layers. Rules are facts, the authorizer adds the request's facts (with the
//! prefixes of its resource, since Datalog makes no strings), and each block checks that one of its allow rules
//! covers the request and rejects what a deny rule covers. The token's signatures are verified once, when it is
//! read; the library makes an authorizer anew for each request, and evaluates all facts in it.
use crate::{has_condition, prefixes, text, Engine};
use biscuit_auth::builder::{fact, string, AuthorizerBuilder, BlockBuilder, Fact, Term};
use biscuit_auth::{AuthorizerLimits, Biscuit as Token, KeyPair};
use serde_json::Value;
use std::time::Duration;

pub struct Biscuit {
    token: Token,
    authorizer: AuthorizerBuilder,
}

/// The rule's body in Datalog. None of the workloads' names needs escaping beyond what JSON does.
fn body_of(rule: &Value) -> String {
    let mut body = format!("operation($o), resource($r), filename($f), size($s), prefix({})", rule["prefix"]);
    if rule["actions"][0] != "*" {
        body += &format!(", {}.contains($o)", rule["actions"].to_string().replace('[', "{").replace(']', "}"));
    }
    for (name, condition) in [("suffix", "$r.ends_with"), ("not_suffix", "!$r.ends_with"), ("filename_suffix", "$f.ends_with")] {
        if !text(rule, name).is_empty() {
            body += &format!(", {condition}({})", rule[name]);
        }
    }
    if rule["size_over"].as_i64().unwrap() >= 0 {
        body += &format!(", $s > {}", rule["size_over"]);
    }
    body
}

fn block_of(rules: &Value) -> BlockBuilder {
    let mut block = BlockBuilder::new();
    let mut queries = [vec![], vec![]];
    for (deny, effect) in ["allow", "deny"].into_iter().enumerate() {
        for reach in ["prefix", "resource"] {
            queries[deny].push(format!("operation($o), {reach}($p), {effect}_{reach}($p, $o)"));
            queries[deny].push(format!("{reach}($p), {effect}_{reach}($p, \"*\")"));
        }
    }
    for rule in rules.as_array().unwrap() {
        let deny = rule["deny"].as_bool().unwrap();
        if has_condition(rule) {
            queries[usize::from(deny)].push(body_of(rule));
            continue;
        }
        let name = format!("{}_{}", if deny { "deny" } else { "allow" }, if rule["only"].as_bool().unwrap() { "resource" } else { "prefix" });
        for action in rule["actions"].as_array().unwrap() {
            block = block.fact(fact(&name, &[string(text(rule, "prefix")), string(action.as_str().unwrap())])).unwrap();
        }
    }
    // A check holds if one of its queries does, and a `reject if` holds where its query finds nothing: one each.
    let rejects: String = queries[1].iter().map(|query| format!("reject if {query};")).collect();
    block.code(format!("check if {};{rejects}", queries[0].join(" or "))).unwrap()
}

impl Engine for Biscuit {
    type Built = Vec<Fact>;
    const NAME: &'static str = "Biscuit";
    const CRATE: &'static str = "biscuit-auth";

    fn load(work: &Value) -> Result<Self, String> {
        let root = KeyPair::new();
        let layers = work["layers"].as_array().unwrap();
        // The last layer, what the user has, comes first: each further block can only take away.
        let mut blocks = layers.iter().rev().map(block_of);
        let mut token = Token::builder().merge(blocks.next().unwrap()).build(&root).map_err(|error| error.to_string())?;
        for block in blocks {
            token = token.append(block).map_err(|error| error.to_string())?;
        }
        let bytes = token.to_vec().map_err(|error| error.to_string())?;
        let token = Token::from(&bytes, root.public()).map_err(|error| error.to_string())?;
        // The default limits are 1,000 facts and a millisecond.
        let limits = AuthorizerLimits { max_facts: 10_000_000, max_iterations: 100, max_time: Duration::from_secs(60) };
        Ok(Biscuit { token, authorizer: AuthorizerBuilder::new().set_limits(limits).policy("allow if true").unwrap() })
    }

    fn build(&self, query: &Value) -> Self::Built {
        let resource = text(query, "resource");
        let mut facts: Vec<Fact> = prefixes(resource).into_iter().map(|prefix| fact("prefix", &[string(prefix)])).collect();
        facts.push(fact("operation", &[string(text(query, "action"))]));
        facts.push(fact("resource", &[string(resource)]));
        facts.push(fact("filename", &[string(text(query, "filename"))]));
        facts.push(fact("size", &[Term::Integer(query["size"].as_i64().unwrap())]));
        facts
    }

    fn decide(&mut self, facts: &Self::Built) -> bool {
        let mut authorizer = self.authorizer.clone();
        for fact in facts {
            authorizer = authorizer.fact(fact.clone()).unwrap();
        }
        match authorizer.build(&self.token).unwrap().authorize() {
            Ok(_) => true,
            Err(biscuit_auth::error::Token::FailedLogic(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }
}
