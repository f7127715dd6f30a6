# The policy of one layer, for regorus and OPA; LAYER is replaced by the layer's name. It only looks up: rules are
# objects indexed by path and action, the request brings the prefixes of its resource along, and each reference into
# data is whole before it is read, as OPA's page on policy performance asks. `when` has the few rules with conditions.
package peers.LAYER

import rego.v1

permits if {
  allowed
  not denied
}

allowed if {
  some prefix in input.prefixes
  data.layers.LAYER.allow.below[prefix][input.action]
}

allowed if data.layers.LAYER.allow.exact[input.resource][input.action]

allowed if {
  some prefix in input.prefixes
  some rule in data.layers.LAYER.allow.when[prefix][input.action]
  applies(rule)
}

denied if {
  some prefix in input.prefixes
  data.layers.LAYER.deny.below[prefix][input.action]
}

denied if data.layers.LAYER.deny.exact[input.resource][input.action]

denied if {
  some prefix in input.prefixes
  some rule in data.layers.LAYER.deny.when[prefix][input.action]
  applies(rule)
}

applies(rule) if {
  endswith(input.resource, rule.suffix)
  not excluded(rule)
  endswith(input.filename, rule.filename_suffix)
  input.size > rule.size_over
}

excluded(rule) if {
  rule.not_suffix != ""
  endswith(input.resource, rule.not_suffix)
}
