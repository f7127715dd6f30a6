import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sapl.api.pdp.AuthorizationSubscription;
import io.sapl.api.pdp.Decision;
import io.sapl.interpreter.combinators.PolicyDocumentCombiningAlgorithm;
import io.sapl.pdp.EmbeddedPolicyDecisionPoint;
import io.sapl.pdp.PolicyDecisionPointFactory;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * SAPL: one policy a rule, its action and path in the target and conditions in the body. The request brings the prefixes
 * of its resource along. A decision point a layer, as its factory makes it; all must permit. Prints one JSON object.
 */
public final class Sapl {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE = 5_000_000_000L;
    private static final long WARM_UP = 3_000_000_000L; // until the JVM has compiled what is hot

    private final List<EmbeddedPolicyDecisionPoint> layers = new ArrayList<>();

    private Sapl(JsonNode work) throws Exception {
        for (JsonNode rules : work.get("layers")) {
            List<String> policies = new ArrayList<>();
            for (JsonNode rule : rules) {
                policies.add(policy(policies.size(), rule));
            }
            layers.add(PolicyDecisionPointFactory.fixedInRamPolicyDecisionPoint(policies,
                    PolicyDocumentCombiningAlgorithm.DENY_OVERRIDES, Map.of()));
        }
    }

    private static String ends(String what, JsonNode suffix) {
        return what + " =~ \".*" + suffix.asText().replace(".", "\\\\.") + "\"";
    }

    private static String policy(int number, JsonNode rule) {
        List<String> actions = new ArrayList<>();
        for (JsonNode action : rule.get("actions")) {
            actions.add("action == " + action);
        }
        String target = rule.get("only").asBoolean() ? "resource.path == " + rule.get("prefix") : rule.get("prefix") + " in resource.prefixes";
        if (!rule.get("actions").get(0).asText().equals("*")) {
            target = "(" + String.join(" | ", actions) + ") & " + target;
        }
        List<String> body = new ArrayList<>();
        if (!rule.get("suffix").asText().isEmpty()) {
            body.add(ends("resource.path", rule.get("suffix")));
        }
        if (!rule.get("not_suffix").asText().isEmpty()) {
            body.add("!(" + ends("resource.path", rule.get("not_suffix")) + ")");
        }
        if (!rule.get("filename_suffix").asText().isEmpty()) {
            body.add(ends("resource.filename", rule.get("filename_suffix")));
        }
        if (rule.get("size_over").asLong() >= 0) {
            body.add("resource.size > " + rule.get("size_over"));
        }
        String where = body.isEmpty() ? "" : " where " + String.join("; ", body) + ";";
        return "policy \"rule " + number + "\" " + (rule.get("deny").asBoolean() ? "deny " : "permit ") + target + where;
    }

    private static AuthorizationSubscription build(JsonNode query) {
        String path = query.get("resource").asText();
        ObjectNode resource = JSON.createObjectNode();
        ArrayNode prefixes = resource.put("path", path).put("filename", query.get("filename").asText())
                .put("size", query.get("size").asLong()).putArray("prefixes");
        for (int end = path.indexOf(':') + 1; end >= 0;) {
            prefixes.add(path.substring(0, end));
            int next = end == path.length() ? -1 : path.indexOf('/', end + 1);
            end = end == path.length() ? -1 : next < 0 ? path.length() : next;
        }
        return new AuthorizationSubscription(JSON.getNodeFactory().textNode("mike@acme.example"), query.get("action"), resource,
                JSON.getNodeFactory().nullNode());
    }

    private boolean decide(AuthorizationSubscription request) {
        for (EmbeddedPolicyDecisionPoint layer : layers) {
            if (layer.decide(request).blockFirst().getDecision() != Decision.PERMIT) {
                return false;
            }
        }
        return true;
    }

    public static void main(String[] arguments) throws Exception {
        JsonNode work = JSON.readTree(new File(arguments[1]));
        JsonNode queries = work.get("queries");
        ObjectNode row = JSON.createObjectNode().put("engine", "SAPL").put("version", arguments[0]).put("workload", work.get("name").asText());
        long begin = System.nanoTime();
        Sapl engine = new Sapl(work);
        row.put("load_ms", (System.nanoTime() - begin) / 1_000_000);
        List<AuthorizationSubscription> built = new ArrayList<>();
        begin = System.nanoTime();
        for (JsonNode query : queries) {
            AuthorizationSubscription request = build(query);
            if (engine.decide(request) != query.get("allowed").asBoolean()) {
                System.err.println("SAPL: another answer for " + query);
                System.exit(1);
            }
            built.add(request);
            // Whoever is too slow for all of them is timed on those that were answered.
            if (System.nanoTime() - begin > PATIENCE) {
                break;
            }
        }
        int count = built.size();
        Timing single = Timing.measure(WARM_UP, 1, i -> engine.decide(built.get(i % count)));
        row.put("answered", count).put("single_median_ns", single.median).put("p99_ns", single.p99).put("samples", single.samples);
        row.put("median_ns", single.median < 20_000 ? Timing.measure(WARM_UP / 10, 64, i -> engine.decide(built.get(i % count))).median : single.median);
        Timing with = Timing.measure(WARM_UP / 3, 1, i -> engine.decide(build(queries.get(i % count))));
        row.put("request_median_ns", with.median).put("request_p99_ns", with.p99);
        row.put("clock_ns", Timing.clock());
        System.out.println(row);
        System.exit(0);
    }
}
