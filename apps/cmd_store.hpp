// `kbeat store …`: look into the store, check it, copy it, and make it smaller.
#pragma once

#include "command.hpp"

namespace kbeat::app {

struct StoreQueryOptions {
  std::string sql;
  std::string max_time;
  std::string output;
};

struct StoreCheckOptions {
  std::string output;
};

struct StoreBackupOptions {
  std::string file;
  bool force = false;
};

struct StoreExportOptions {
  std::string table;
  std::string output;
};

struct StorePruneOptions {
  std::string dedupe_keep = "30d";
  std::string events_keep;
  std::string notifications_keep;
  bool dry_run = false;
  bool yes = false;
  std::string output;
};

void add_store(CommandLine& line);
[[nodiscard]] int run_store_query(const StoreQueryOptions& options, Context& context);
[[nodiscard]] int run_store_check(const StoreCheckOptions& options, Context& context);
[[nodiscard]] int run_store_backup(const StoreBackupOptions& options, Context& context);
[[nodiscard]] int run_store_export(const StoreExportOptions& options, Context& context);
[[nodiscard]] int run_store_prune(const StorePruneOptions& options, Context& context);

}  // namespace kbeat::app
