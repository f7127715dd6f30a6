package main

import (
	"context"
	"os"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// opa is a prepared query over rules in OPA's store; the request is a parsed value.
func opa(work Workload) Engine {
	policy := string(must(os.ReadFile("bench/peers/peers.rego")))
	store := inmem.NewFromObject(map[string]any{"layers": index(work.Layers)})
	query := must(rego.New(rego.Query("data.peers.allow"), rego.Module("peers.rego", policy), rego.Store(store)).PrepareForEval(context.Background()))
	return Engine{
		name: "OPA", module: "github.com/open-policy-agent/opa",
		build: func(q Query) any {
			return must(ast.InterfaceToValue(map[string]any{"action": q.Action, "resource": q.Resource, "filename": q.Filename,
				"size": q.Size, "prefixes": prefixes(q.Resource)}))
		},
		decide: func(input any) bool {
			return must(query.Eval(context.Background(), rego.EvalParsedInput(input.(ast.Value)))).Allowed()
		},
	}
}

const celPolicy = `layers.all(layer,
  prefixes.exists(p, p in layer.allow && layer.allow[p].exists(r, RULE)) &&
  !prefixes.exists(p, p in layer.deny && layer.deny[p].exists(r, RULE)))`

const celRule = `("*" in r.actions || action in r.actions) && (!r.only || p == resource) && resource.endsWith(r.suffix) &&
  (r.not_suffix == "" || !resource.endsWith(r.not_suffix)) && filename.endsWith(r.filename_suffix) && size > r.size_over`

// celGo is one compiled program over rules in maps by path: CEL has expressions, and its host the rules.
func celGo(work Workload) Engine {
	env := must(cel.NewEnv(cel.Variable("layers", cel.ListType(cel.DynType)), cel.Variable("prefixes", cel.ListType(cel.StringType)),
		cel.Variable("action", cel.StringType), cel.Variable("resource", cel.StringType), cel.Variable("filename", cel.StringType),
		cel.Variable("size", cel.IntType)))
	tree, issues := env.Compile(strings.ReplaceAll(celPolicy, "RULE", celRule))
	if issues.Err() != nil {
		panic(issues.Err())
	}
	program := must(env.Program(tree, cel.EvalOptions(cel.OptOptimize)))
	layers := index(work.Layers)
	return Engine{
		name: "cel-go", module: "cel.dev/cel-go",
		build: func(q Query) any {
			return map[string]any{"layers": layers, "prefixes": prefixes(q.Resource), "action": q.Action, "resource": q.Resource,
				"filename": q.Filename, "size": q.Size}
		},
		decide: func(input any) bool {
			value, _, err := program.Eval(input)
			return must(value, err).Value().(bool)
		},
	}
}

const casbinModel = `
[request_definition]
r = act, path, filename, size
[policy_definition]
p = act, prefix, only, suffix, not_suffix, filename_suffix, size_over, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.act == "*" || p.act == r.act) && applies(r.path, r.filename, r.size, p.prefix, p.only, p.suffix, p.not_suffix, p.filename_suffix, p.size_over)
`

// applies is a function of the matcher, as Casbin's documentation advises where keyMatch is not enough: keyMatch
// has no "this folder and all below it" in one rule.
func applies(a ...any) (any, error) {
	path, filename, size := a[0].(string), a[1].(string), a[2].(float64) // numbers become float64
	prefix, only, suffix, notSuffix, filenameSuffix := a[3].(string), a[4].(string), a[5].(string), a[6].(string), a[7].(string)
	sizeOver, err := strconv.ParseFloat(a[8].(string), 64)
	rest, covered := strings.CutPrefix(path, prefix)
	covered = covered && (rest == "" || only == "false" && (rest[0] == '/' || strings.HasSuffix(prefix, ":")))
	return covered && strings.HasSuffix(path, suffix) && (notSuffix == "" || !strings.HasSuffix(path, notSuffix)) &&
		strings.HasSuffix(filename, filenameSuffix) && size > sizeOver, err
}

// casbinGo has an enforcer a layer, and a line a rule and action; all layers must allow.
func casbinGo(work Workload) Engine {
	var layers []*casbin.Enforcer
	for _, rules := range work.Layers {
		enforcer := must(casbin.NewEnforcer(must(model.NewModelFromString(casbinModel))))
		enforcer.AddFunction("applies", applies)
		var lines [][]string
		for _, rule := range rules {
			effect := "allow"
			if rule.Deny {
				effect = "deny"
			}
			for _, action := range rule.Actions {
				lines = append(lines, []string{action, rule.Prefix, strconv.FormatBool(rule.Only), rule.Suffix, rule.NotSuffix,
					rule.FilenameSuffix, strconv.FormatInt(rule.SizeOver, 10), effect})
			}
		}
		must(enforcer.AddPolicies(lines))
		layers = append(layers, enforcer)
	}
	return Engine{
		name: "Casbin", module: "github.com/casbin/casbin/v2",
		build: func(q Query) any { return []any{q.Action, q.Resource, q.Filename, q.Size} },
		decide: func(input any) bool {
			for _, layer := range layers {
				if !must(layer.Enforce(input.([]any)...)) {
					return false
				}
			}
			return true
		},
	}
}
