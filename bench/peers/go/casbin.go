package main

import (
	"strconv"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

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
