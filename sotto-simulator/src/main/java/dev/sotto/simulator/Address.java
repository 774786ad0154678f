package dev.sotto.simulator;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;

/// What a request's address asks for. The paths of OpenAI and of Azure lead to the same services; `/calls/KEY` before
/// them says which call the request belongs to.
///
/// @param resource such as `chat/completions`
/// @param key the call, or empty
/// @param model what the query or the deployment in the path names, or empty
/// @param transcription whether a Realtime session is wanted only to write down what is said (`intent=transcription`)
/// @param azurePreview whether the address is one of Azure's preview API, which speaks the beta dialect
record Address(String resource, String key, String model, boolean transcription, boolean azurePreview) {
    private static final String CALLS = "/calls/";
    private static final String AZURE = "/openai";
    private static final String DEPLOYMENTS = "/deployments/";
    private static final String VERSION = "/v1";

    static Address of(String uri) {
        var decoder = new QueryStringDecoder(uri);
        String path;
        Map<String, List<String>> query;
        try {
            path = decoder.path();
            query = decoder.parameters();
        } catch (IllegalArgumentException malformed) {
            return new Address("", "", "", false, false);
        }
        String key = "";
        String model = first(query, "model", first(query, "deployment", ""));
        if (path.startsWith(CALLS)) {
            int end = path.indexOf('/', CALLS.length());
            key = end < 0 ? "" : ChatRequest.key(path.substring(CALLS.length(), end));
            path = end < 0 ? "" : path.substring(end);
        }
        boolean azure = path.startsWith(AZURE + "/");
        if (azure) {
            path = path.substring(AZURE.length());
            if (path.startsWith(DEPLOYMENTS)) {
                int end = path.indexOf('/', DEPLOYMENTS.length());
                model = end < 0 ? model : path.substring(DEPLOYMENTS.length(), end);
                path = end < 0 ? "" : path.substring(end);
            }
        }
        boolean versioned = path.startsWith(VERSION + "/");
        path = versioned ? path.substring(VERSION.length()) : path;
        return new Address(
                path.startsWith("/") ? path.substring(1) : path,
                key,
                model,
                first(query, "intent", "").equals("transcription"),
                azure && !versioned);
    }

    private static String first(Map<String, List<String>> query, String name, String other) {
        List<String> values = query.get(name);
        return values == null || values.isEmpty() ? other : values.getFirst();
    }
}
