// The handlers, kbeat's and the user's, with all that they work with.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "command.hpp"
#include "kbeat/confine/analyzer.hpp"
#include "kbeat/handlers/registry.hpp"
#include "kbeat/net/download.hpp"
#include "kbeat/net/http_client.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::app {

/// What the settings let a download reach and take.
[[nodiscard]] net::DownloadPolicy download_policy(const config::FetchSettings& fetch);

/// Owns what the handlers borrow; nothing heavy is loaded before an event needs it. Safe for several threads.
class HandlerKit {
 public:
  /// `routes` come before the built-in ones. Throws Error{configuration} for a route that cannot work.
  HandlerKit(const Context& context, const std::vector<config::RouteSettings>& routes);
  HandlerKit(const HandlerKit&) = delete;
  HandlerKit& operator=(const HandlerKit&) = delete;

  [[nodiscard]] const handlers::Registry& registry() const { return *m_registry; }

 private:
  store::BeatReader& reader_of_this_thread();
  std::unique_ptr<handlers::Registry> builtin();

  std::filesystem::path m_data_dir;
  std::unique_ptr<net::Downloader> m_downloader;
  std::unique_ptr<confine::Analyzer> m_analyzer;
  std::mutex m_mutex;  ///< of the readers
  std::map<std::thread::id, std::unique_ptr<store::Store>> m_readers;
  std::unique_ptr<net::HttpClient> m_public_web;
  std::unique_ptr<net::HttpClient> m_any_web;
  std::unique_ptr<handlers::Registry> m_registry;
};

}  // namespace kbeat::app
