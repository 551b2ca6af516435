// The server's description of itself (OpenAPI 3.1), made from its own table of routes.
#include <nlohmann/json.hpp>

#include "kbeat/server/management.hpp"

namespace kbeat::server {
namespace {

using Json = nlohmann::ordered_json;

Json parameters_of(const std::string& pattern) {
  Json parameters = Json::array();
  for (std::size_t at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1)) {
    const std::string name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

Json operation_of(const Route& route) {
  const Json problem{
      {"description", "a problem (RFC 9457)"},
      {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  Json operation{{"summary", route.summary},
                 {"responses", {{"2XX", {{"description", "done"}}}, {"default", problem}}}};
  Json parameters = parameters_of(route.pattern);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (route.method == "POST") {
    operation["requestBody"] = {{"required", true}, {"content", {{"application/json", Json::object()}}}};
  }
  if (route.needs != Role::nobody) {
    operation["security"] = {{{"bearer", Json::array()}}};
    // Without any token or user on loopback, and where reading is open, none is needed.
    operation["security"].push_back(Json::object());
  }
  return operation;
}

std::string document_of(const Router& router) {
  Json paths = Json::object();
  for (const Route& route : router.routes()) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    paths[route.pattern][method] = operation_of(route);
  }
  const Json text{{"type", "string"}};
  const Json document{
      {"openapi", "3.1.0"},
      {"info", {{"title", "kbeat serve"}, {"version", KBEAT_VERSION}}},
      {"paths", paths},
      {"components",
       {{"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}},
        {"schemas",
         {{"Problem",
           {{"type", "object"},
            {"required", {"type", "title", "status"}},
            {"properties",
             {{"type", text}, {"title", text}, {"status", {{"type", "integer"}}}, {"detail", text}}}}}}}}}};
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
