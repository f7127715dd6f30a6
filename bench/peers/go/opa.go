package main

import (
	"context"
	"os"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// opa is a prepared query over rules in OPA's store, which keeps them as values of its evaluator; the request is a
// parsed value. A module a layer, all of which must permit.
func opa(work Workload) Engine {
	policy := string(must(os.ReadFile("bench/peers/peers.rego")))
	all := "package peers\n\nimport rego.v1\n\ndefault allow := false\n\nallow if {\n"
	options := []func(*rego.Rego){rego.Query("data.peers.allow"),
		rego.Store(inmem.NewFromObjectWithOpts(map[string]any{"layers": index(work)}, inmem.OptReturnASTValuesOnRead(true)))}
	for i := range work.Layers {
		name := layerName(i)
		options = append(options, rego.Module(name+".rego", strings.ReplaceAll(policy, "LAYER", name)))
		all += "  data.peers." + name + ".permits\n"
	}
	query := must(rego.New(append(options, rego.Module("peers.rego", all+"}\n"))...).PrepareForEval(context.Background()))
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
