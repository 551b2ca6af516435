// `kbeat serve`: HTTP, live streams and consumers in one process.
#pragma once

#include "listen_flags.hpp"
#include "serve_crew.hpp"

namespace kbeat::app {

struct ServeFlags {
  ListenFlags listen;
  std::vector<std::string> topics;  ///< that clients can stream
  std::string ingest_topic;
  std::string kafka_wait = "2s";
  std::uint64_t outbox_max_bytes = 4ULL << 30;
  CrewFlags crew;
};

void add_serve(CommandLine& line);
[[nodiscard]] int run_serve(const ServeFlags& flags, Context& context);

}  // namespace kbeat::app
