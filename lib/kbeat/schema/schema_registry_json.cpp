// Asks the registry and reads its answers.
#include "kbeat/schema/schema_registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::schema {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr Milliseconds k_patience = 10s;
constexpr Milliseconds k_rest = 1s;  ///< between calls while it is away
constexpr Milliseconds k_latest_holds = 60s;
constexpr Milliseconds k_for_ever = 24h * 365;
constexpr int k_deepest_references = 16;
constexpr std::size_t k_most_answers = 10'000;

Error away(const std::string& why) {
  return {ErrorCode::unreachable, why, Retryable::yes};
}

bool is_text(const json& object, const char* name) {
  return object.contains(name) && object[name].is_string();
}

bool is_reference(const json& each) {
  return each.is_object() && is_text(each, "name") && is_text(each, "subject") && each.contains("version") &&
         each["version"].is_number_integer();
}

bool is_schema(const json& answer) {
  if (!answer.is_object() || !is_text(answer, "schema")) return false;
  if (answer.contains("schemaType") && !is_text(answer, "schemaType")) return false;
  const json references = answer.value("references", json::array());
  return references.is_array() && std::all_of(references.begin(), references.end(), is_reference);
}

bool is_list_of_names(const json& answer) {
  return answer.is_array() &&
         std::all_of(answer.begin(), answer.end(), [](const json& each) { return each.is_string(); });
}

RegisteredKind kind_of(const json& answer) {
  const auto kind = answer.value("schemaType", std::string("AVRO"));
  if (kind == "AVRO") return RegisteredKind::avro;
  if (kind == "JSON") return RegisteredKind::json;
  if (kind == "PROTOBUF") return RegisteredKind::protobuf;
  throw Error(ErrorCode::bad_input, fmt::format("the schema registry has a schema of the unknown type \"{}\"",
                                                clean_utf8(kind, 40)));
}

/// Everything but letters, digits and -_.~ as %XX.
std::string path_part(std::string_view text) {
  std::string part;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    part += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return part;
}

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    const bool coded = text[i] == '%' && i + 2 < text.size() &&
                       std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
    plain += coded ? static_cast<char>(value) : text[i];
    if (coded) i += 2;
  }
  return plain;
}

}  // namespace

SchemaRegistry::SchemaRegistry(std::string url, net::HttpClient& client, Clock& clock)
    : m_url(std::move(url)), m_client(client), m_clock(clock), m_ask_again(clock.steady()) {
  while (m_url.ends_with('/')) m_url.pop_back();
  const std::size_t begin = m_url.find("://");
  if (begin == std::string::npos) return;
  const std::size_t host = begin + 3;
  const std::string authority = m_url.substr(host, m_url.find('/', host) - host);
  const std::size_t at = authority.rfind('@');
  if (at == std::string::npos) return;
  m_authorization = "Authorization: Basic ";
  append_base64(m_authorization, percent_decoded(authority.substr(0, at)));
  m_url.erase(host, at + 1);
}

RegisteredSchema SchemaRegistry::by_id(std::int32_t id) {
  const std::scoped_lock lock(m_mutex);
  RegisteredSchema schema = read(get(fmt::format("/schemas/ids/{}", id), k_for_ever, Form::schema));
  schema.id = id;
  return schema;
}

RegisteredSchema SchemaRegistry::latest(const std::string& subject) {
  const std::scoped_lock lock(m_mutex);
  const std::string body =
      get(fmt::format("/subjects/{}/versions/latest", path_part(subject)), k_latest_holds, Form::version);
  RegisteredSchema schema = read(body);
  schema.id = json::parse(body)["id"].get<std::int32_t>();
  return schema;
}

std::vector<std::string> SchemaRegistry::subjects() {
  const std::scoped_lock lock(m_mutex);
  const json answer = json::parse(get("/subjects", k_latest_holds, Form::names));
  auto subjects = answer.get<std::vector<std::string>>();
  std::sort(subjects.begin(), subjects.end());
  return subjects;
}

bool SchemaRegistry::fits(Form form, const std::string& body) {
  const json answer = json::parse(body, nullptr, false);
  switch (form) {
    case Form::schema: return is_schema(answer);
    case Form::version: return is_schema(answer) && answer.contains("id") && answer["id"].is_number_integer();
    case Form::names: break;
  }
  return is_list_of_names(answer);
}

std::string SchemaRegistry::get(const std::string& path, Milliseconds keep, Form form) {
  const SteadyTime now = m_clock.steady();
  const auto known = m_answers.find(path);
  if (known != m_answers.end() && now < known->second.until) return known->second.body;
  if (!m_away.empty() && now < m_ask_again) throw away(m_away);
  std::string body;
  try {
    body = ask(path, form);
    m_away.clear();
  } catch (const Error& error) {
    if (!error.retryable()) throw;
    m_away = error.what();
    m_ask_again = m_clock.steady() + k_rest;
    throw;
  }
  if (m_answers.size() >= k_most_answers) m_answers.clear();
  m_answers[path] = {.body = body, .until = now + keep};
  return body;
}

std::string SchemaRegistry::ask(const std::string& path, Form form) {
  net::HttpCall call;
  call.url = m_url + path;
  call.headers = {"Accept: application/vnd.schemaregistry.v1+json, application/json"};
  if (!m_authorization.empty()) call.headers.push_back(m_authorization);
  call.deadline = m_clock.steady() + k_patience;
  const net::HttpResult result = m_client.call(call);
  if (const auto* failure = std::get_if<net::FetchFailure>(&result))
    throw away(fmt::format("the schema registry does not answer: {}", failure->error.what()));
  const auto& answer = std::get<net::HttpAnswer>(result);
  const std::string what =
      fmt::format("the schema registry answered {} to {}", answer.status, net::redact_url(call.url));
  const bool refused = answer.status == 404 || answer.status == 422;
  if (answer.status != 200 && !refused) throw away(what);
  const bool is_registry =
      refused ? json::parse(answer.body, nullptr, false).is_object() : fits(form, answer.body);
  if (!is_registry)
    throw away(what + ", but not with what a registry says: another server answers in its place");
  if (refused) throw Error(ErrorCode::bad_input, what);
  return answer.body;
}

RegisteredSchema SchemaRegistry::read(const std::string& body) {
  const json answer = json::parse(body);
  RegisteredSchema schema{.id = 0, .kind = kind_of(answer), .text = answer["schema"], .imports = {}};
  add_imports(body, schema.imports, 0);
  return schema;
}

void SchemaRegistry::add_imports(const std::string& body, std::vector<Imported>& imports, int depth) {
  if (depth > k_deepest_references)
    throw Error(ErrorCode::bad_input, "schemas of the registry refer to each other too deep");
  const json answer = json::parse(body);
  for (const json& reference : answer.value("references", json::array())) {
    const auto name = reference.value("name", std::string());
    const bool known = std::any_of(imports.begin(), imports.end(),
                                   [&name](const Imported& import) { return import.name == name; });
    if (known) continue;
    const std::string inner =
        get(fmt::format("/subjects/{}/versions/{}", path_part(reference.value("subject", std::string())),
                        reference.value("version", 0)),
            k_for_ever, Form::schema);
    add_imports(inner, imports, depth + 1);
    imports.push_back({.name = name, .text = json::parse(inner)["schema"]});
  }
}

}  // namespace kbeat::schema
