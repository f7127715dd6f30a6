package main

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

const celPolicy = `layers.all(layer, HIT(layer.allow) && !HIT(layer.deny))`

const celHit = `(prefixes.exists(p, p in E.below && action in E.below[p]) || (resource in E.exact && action in E.exact[resource]) ||
  prefixes.exists(p, p in E.when && action in E.when[p] && E.when[p][action].exists(r, RULE)))`

const celRule = `resource.endsWith(r.suffix) && (r.not_suffix == "" || !resource.endsWith(r.not_suffix)) &&
  filename.endsWith(r.filename_suffix) && size > r.size_over`

func celText() string {
	hit := func(effect string) string {
		return strings.ReplaceAll(strings.ReplaceAll(celHit, "RULE", celRule), "E.", effect+".")
	}
	return strings.ReplaceAll(strings.ReplaceAll(celPolicy, "HIT(layer.allow)", hit("layer.allow")), "HIT(layer.deny)", hit("layer.deny"))
}

// celValue turns plain data into CEL's own values once, so that no lookup converts any.
func celValue(data any) ref.Val {
	switch data := data.(type) {
	case map[string]any:
		all := make(map[ref.Val]ref.Val, len(data))
		for name, value := range data {
			all[types.String(name)] = celValue(value)
		}
		return types.NewRefValMap(types.DefaultTypeAdapter, all)
	case []any:
		var all []ref.Val
		for _, value := range data {
			all = append(all, celValue(value))
		}
		return types.NewRefValList(types.DefaultTypeAdapter, all)
	default:
		return types.DefaultTypeAdapter.NativeToValue(data)
	}
}

// celGo is one compiled program over rules in maps by path and action: CEL has expressions, and its host the rules.
func celGo(work Workload) Engine {
	env := must(cel.NewEnv(cel.Variable("layers", cel.ListType(cel.DynType)), cel.Variable("prefixes", cel.ListType(cel.StringType)),
		cel.Variable("action", cel.StringType), cel.Variable("resource", cel.StringType), cel.Variable("filename", cel.StringType),
		cel.Variable("size", cel.IntType)))
	tree, issues := env.Compile(celText())
	if issues.Err() != nil {
		panic(issues.Err())
	}
	program := must(env.Program(tree, cel.EvalOptions(cel.OptOptimize)))
	indexed := index(work)
	var all []any
	for i := range work.Layers {
		all = append(all, indexed[layerName(i)])
	}
	layers := celValue(all)
	return Engine{
		name: "cel-go", module: "cel.dev/cel-go",
		build: func(q Query) any {
			return map[string]any{"layers": layers, "prefixes": types.NewStringList(types.DefaultTypeAdapter, prefixes(q.Resource)),
				"action": types.String(q.Action), "resource": types.String(q.Resource), "filename": types.String(q.Filename), "size": types.Int(q.Size)}
		},
		decide: func(input any) bool {
			value, _, err := program.Eval(input)
			return must(value, err).Value().(bool)
		},
	}
}
