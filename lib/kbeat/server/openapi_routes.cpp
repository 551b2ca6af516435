// The server's description of itself (OpenAPI 3.1): its own table of routes, with what is written about each.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kbeat/server/management.hpp"

namespace kbeat::server {
namespace {

using Json = nlohmann::ordered_json;

Json path_parameters(const std::string& pattern) {
  Json parameters = Json::array();
  for (std::size_t at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1)) {
    const std::string name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

/// A name for programs that are generated from the description: `get_api_v1_kafka_topics`.
std::string operation_id(const std::string& method, const std::string& pattern) {
  std::string id = method;
  for (const char c : pattern) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter) {
      id += c;
    } else if (id.back() != '_') {
      id += '_';
    }
  }
  if (id.back() == '_') id.pop_back();
  return id;
}

Json operation_of(const Route& route, const std::string& method, const Json& written) {
  Json operation{{"operationId", operation_id(method, route.pattern)}, {"summary", route.summary}};
  operation.update(written);
  Json parameters = path_parameters(route.pattern);
  for (const Json& parameter : written.value("parameters", Json::array())) parameters.push_back(parameter);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  operation["responses"]["default"] = {
      {"description", "a problem (RFC 9457)"},
      {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  if (route.needs != Role::nobody) {
    // Without any token or user on loopback, and where reading is open, none is needed.
    operation["security"] = Json::array({{{"bearer", Json::array()}}, Json::object()});
  }
  return operation;
}

std::string document_of(const Router& router) {
  const Json texts = Json::parse(openapi_texts());
  Json paths = Json::object();
  for (const Route& route : router.routes()) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    const Json written =
        texts["operations"].value(fmt::format("{} {}", route.method, route.pattern), Json::object());
    paths[route.pattern][method] = operation_of(route, method, written);
  }
  const Json document{{"openapi", "3.1.0"},
                      {"info", {{"title", "kbeat serve"}, {"version", KBEAT_VERSION}}},
                      {"paths", paths},
                      {"components",
                       {{"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}},
                        {"schemas", texts["schemas"]}}}};
  return document.dump() + "\n";
}

}  // namespace

void add_openapi_route(Router& router) {
  router.get("/openapi.json", "this description", [&router](const HttpRequest&) {
    static const std::string document = document_of(router);
    return HttpResponse{.body = document};
  });
}

}  // namespace kbeat::server
