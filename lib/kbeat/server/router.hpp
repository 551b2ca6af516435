// The table of what the server answers: method, path, who may, and what does it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kbeat/server/http_message.hpp"

namespace kbeat::server {

class LiveClient;

/// The response is the beginning of a live stream; `begin` is called on the client's loop when its head is
/// written.
struct LiveStart {
  enum class Form { web_socket, event_stream };
  Form form = Form::web_socket;
  std::string subprotocol{};
  std::function<void(const std::shared_ptr<LiveClient>&)> begin;
};

using Answer = std::variant<HttpResponse, LiveStart>;
/// To be called once, from any thread.
using Reply = std::function<void(Answer)>;
using RouteHandler = std::function<void(HttpRequest request, Reply reply)>;

/// `quick` handlers run on the loop that reads the request and must not wait; `waiting` ones have a thread of
/// the pool to themselves.
enum class Runs { quick, waiting };

/// Which requests leave a row in the audit by themselves; a handler may write its own.
enum class Audit { none, refused, all };

struct Route {
  std::string method;
  std::string pattern;  ///< such as /api/v1/kafka/topics/{name}
  Role needs = Role::nobody;
  Runs runs = Runs::quick;
  std::string summary;
  Audit audit = Audit::none;
  RouteHandler handler;
};

/// What became of a search: the route with its captures, or the methods that the path knows (none: no path).
struct RouteMatch {
  const Route* route = nullptr;
  std::vector<std::string> captures{};
  std::vector<std::string> methods{};
};

/// Filled before the server starts, then read by all its threads.
class Router {
 public:
  void add(Route route);
  /// A handler that only computes its response.
  void get(const std::string& pattern, const std::string& summary,
           std::function<HttpResponse(const HttpRequest&)> handler);

  /// HEAD finds what GET finds. The path is as it came: what an escape hides divides nothing.
  [[nodiscard]] RouteMatch find(std::string_view method, std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return m_routes; }

 private:
  std::vector<Route> m_routes;
};

}  // namespace kbeat::server
