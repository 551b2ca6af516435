// Puts downloader, analyzer and store readers together for the handlers.
#include "handler_kit.hpp"

#include <utility>

#include "kbeat/handlers/builtin.hpp"
#include "kbeat/handlers/own_routes.hpp"
#include "route_flags.hpp"

namespace kbeat::app {
namespace {

net::HttpClientPolicy web_policy(bool private_addresses) {
  return {.private_addresses = private_addresses ? net::Allowed::yes : net::Allowed::no};
}

}  // namespace

net::DownloadPolicy download_policy(const config::FetchSettings& fetch) {
  const auto allowed = [](bool flag) { return flag ? net::Allowed::yes : net::Allowed::no; };
  net::DownloadPolicy policy;
  policy.private_addresses = allowed(fetch.allow_private_addresses);
  policy.file_urls = allowed(fetch.allow_file_urls);
  policy.limits.max_bytes = fetch.max_bytes;
  policy.limits.total = fetch.total;
  return policy;
}

HandlerKit::HandlerKit(const Context& context, const std::vector<config::RouteSettings>& routes)
    : m_data_dir(context.settings().transport.data_dir),
      m_downloader(net::open_downloader(download_policy(context.settings().fetch))),
      m_analyzer(confine::open_confined_analyzer({})),
      m_public_web(net::open_http_client(web_policy(context.settings().fetch.allow_private_addresses))),
      m_any_web(net::open_http_client(web_policy(true))),
      m_registry(builtin()) {
  if (routes.empty()) return;
  auto own = std::make_unique<handlers::OwnRoutes>(std::move(m_registry));
  for (const config::RouteSettings& route : routes) {
    add_own_route(*own, route, {.public_web = *m_public_web, .any_web = *m_any_web, .clock = context.clock});
  }
  m_registry = std::move(own);
}

std::unique_ptr<handlers::Registry> HandlerKit::builtin() {
  return handlers::builtin_handlers(
      {.downloader = *m_downloader, .analyzer = *m_analyzer, .beats = [this]() -> store::BeatReader& {
         return reader_of_this_thread();
       }});
}

store::BeatReader& HandlerKit::reader_of_this_thread() {
  const std::lock_guard lock(m_mutex);
  std::unique_ptr<store::Store>& reader = m_readers[std::this_thread::get_id()];
  if (!reader) reader = store::open_store(m_data_dir, store::OpenMode::read_only);
  return reader->beats();
}

}  // namespace kbeat::app
