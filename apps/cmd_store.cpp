// Wires the store's commands to the library.
#include "cmd_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "confirm.hpp"
#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/backup.hpp"
#include "kbeat/store/prune.hpp"
#include "kbeat/store/query.hpp"
#include "kbeat/store/store_check.hpp"
#include "kbeat/store/store_schema.hpp"
#include "output.hpp"
#include "query_printer.hpp"

namespace kbeat::app {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<sqlite::Database> open_file(const Context& context, store::OpenMode mode) {
  return store::open_store_file(context.settings().transport.data_dir, mode);
}

/// A copy put in the place of a database that is in use would tear it from its -wal and its writers.
void check_backup_target(const fs::path& file, const fs::path& data_dir) {
  std::error_code missing;
  const std::string name = file.filename().string();
  const bool in_data_dir = fs::equivalent(fs::absolute(file).parent_path(), data_dir, missing) && !missing;
  if (in_data_dir && (name.starts_with("store.db") || name.starts_with("log.db")))
    throw Error(ErrorCode::usage,
                fmt::format("{} is in use as it is: give the copy another name", file.string()));
  if (fs::exists(file, missing) && !fs::is_regular_file(file, missing))
    throw Error(ErrorCode::usage,
                fmt::format("{} is no regular file: give the copy another name", file.string()));
}

void query(const Context& context, const std::string& sql, const store::QueryLimits& limits,
           const std::string& output) {
  QueryPrinter printer(output_form(output, context.io), context.io.out());
  const auto database = open_file(context, store::OpenMode::read_only);
  store::run_query(*database, sql, limits,
                   {.columns = [&](auto names) { printer.begin(names); },
                    .row = [&](auto values) { printer.add(values); }});
  printer.finish();
}

std::optional<Milliseconds> span_if_given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(parse_duration(text));
}

void print_tables(const std::vector<store::PrunedTable>& tables, const StorePruneOptions& options,
                  Context& context) {
  Listing listing{{"table", "rows", "removed"}, {}};
  for (const auto& [table, rows] : tables) listing.rows.push_back({table, rows, !options.dry_run});
  print_listing(listing, output_form(options.output, context.io), context.io.out());
}

void add_query(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<StoreQueryOptions>();
  CLI::App& app = add_command(
      line, group,
      {"query", "run one SQL statement that reads",
       "kbeat store query \"SELECT beat_id, bpm, key FROM beat_metrics\"\n"
       "kbeat store query \"SELECT * FROM dead_letters\" --output csv  # bytes that are no text as base64\n"
       "kbeat store query \"PRAGMA table_list\"  # the tables"},
      [options](Context& context) { return run_store_query(*options, context); });
  app.add_option("sql", options->sql, "the statement")->required()->type_name("SQL");
  app.add_option("--max-time", options->max_time, "give up after this long")->type_name("SPAN");
  add_output_flag(app, options->output);
}

void add_check(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<StoreCheckOptions>();
  CLI::App& app =
      add_command(line, group,
                  {"check", "look for damage in the whole file",
                   "kbeat store check\nkbeat store check --output json | jq 'select(.problems > 0)'"},
                  [options](Context& context) { return run_store_check(*options, context); });
  add_output_flag(app, options->output);
}

void add_backup(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<StoreBackupOptions>();
  CLI::App& app =
      add_command(line, group,
                  {"backup", "copy the store to a file, also while it is in use",
                   "kbeat store backup /backups/store-monday.db\nkbeat store backup today.db --force"},
                  [options](Context& context) { return run_store_backup(*options, context); });
  app.add_option("file", options->file, "where the copy goes")->required()->type_name("FILE");
  app.add_flag("--force", options->force, "replace a file that exists");
}

void add_export(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<StoreExportOptions>();
  CLI::App& app = add_command(line, group,
                              {"export", "print all rows of a table",
                               "kbeat store export beat_metrics > beats.jsonl\n"
                               "kbeat store export quiz_events --output csv > quiz.csv"},
                              [options](Context& context) { return run_store_export(*options, context); });
  app.add_option("table", options->table, "a table of the store")->required()->type_name("TABLE");
  add_output_flag(app, options->output);
}

void add_prune(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<StorePruneOptions>();
  CLI::App& app =
      add_command(line, group,
                  {"prune", "remove what is old and give the room back",
                   "kbeat store prune --dry-run\nkbeat store prune --dedupe-keep 7d --events-keep 90d --yes"},
                  [options](Context& context) { return run_store_prune(*options, context); });
  app.add_option("--dedupe-keep", options->dedupe_keep, "keep dedupe marks this long")
      ->type_name("SPAN")
      ->capture_default_str();
  app.add_option("--events-keep", options->events_keep, "keep the events table's rows this long (else all)")
      ->type_name("SPAN");
  app.add_option("--notifications-keep", options->notifications_keep,
                 "keep sent notifications this long (else all)")
      ->type_name("SPAN");
  app.add_flag("--dry-run", options->dry_run, "only show what would go");
  app.add_flag("--yes", options->yes, "do not ask");
  add_output_flag(app, options->output);
}

}  // namespace

void add_store(CommandLine& line) {
  CLI::App& group = add_command_group(line.root(), {"store", "look into the store, check, copy and prune it",
                                                    "kbeat store query \"SELECT * FROM beat_metrics\"\n"
                                                    "kbeat store check"});
  add_query(line, group);
  add_check(line, group);
  add_backup(line, group);
  add_export(line, group);
  add_prune(line, group);
}

int run_store_query(const StoreQueryOptions& options, Context& context) {
  query(context, options.sql, {.time = span_if_given(options.max_time), .stop = context.stop()},
        options.output);
  return k_exit_done;
}

int run_store_check(const StoreCheckOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const auto database = open_file(context, store::OpenMode::read_only);
  Listing listing{{"check", "problems", "sample"}, {}};
  std::int64_t problems = 0;
  for (const store::CheckResult& result : store::check_store(*database)) {
    listing.rows.push_back(
        {result.name, result.problems, result.problems > 0 ? Cell(result.sample) : Cell()});
    problems += result.problems;
  }
  print_listing(listing, form, context.io.out());
  if (problems == 0) return k_exit_done;
  context.notice(fmt::format("kbeat: {} has {} problems: restore a backup (kbeat store backup makes one)",
                             database->path().string(), problems));
  return k_exit_failed;
}

int run_store_backup(const StoreBackupOptions& options, Context& context) {
  check_backup_target(options.file, context.settings().transport.data_dir);
  const auto database = open_file(context, store::OpenMode::read_only);
  const auto existing = options.force ? sqlite::Existing::replace : sqlite::Existing::refuse;
  const std::uintmax_t bytes = sqlite::back_up(*database, options.file, existing);
  context.detail(fmt::format("{}: {} bytes", options.file, bytes));
  return k_exit_done;
}

int run_store_export(const StoreExportOptions& options, Context& context) {
  const auto tables = store::table_names(*open_file(context, store::OpenMode::read_only));
  if (std::find(tables.begin(), tables.end(), options.table) == tables.end()) {
    throw Error(ErrorCode::not_found, fmt::format("the store has no table \"{}\": choose from {}",
                                                  options.table, fmt::join(tables, ", ")));
  }
  query(context, fmt::format("SELECT * FROM \"{}\"", options.table), {.time = {}, .stop = context.stop()},
        options.output);
  return k_exit_done;
}

int run_store_prune(const StorePruneOptions& options, Context& context) {
  const store::PruneSpans spans{.dedupe_marks = parse_duration(options.dedupe_keep),
                                .events = span_if_given(options.events_keep),
                                .sent_notifications = span_if_given(options.notifications_keep)};
  // Only reading says that there is no store instead of making one.
  const bool there = std::filesystem::exists(store::store_file(context.settings().transport.data_dir));
  const auto database = open_file(
      context, options.dry_run || !there ? store::OpenMode::read_only : store::OpenMode::read_write);
  const auto plan = store::plan_prune(*database, spans, context.clock.now());
  if (options.dry_run) {
    print_tables(plan, options, context);
    return k_exit_done;
  }
  std::string question = "remove";
  for (const auto& [table, rows] : plan) question += fmt::format(" {} of {},", rows, table);
  question.back() = '?';
  require_consent(context.io, question, options.yes ? Consent::given : Consent::ask);
  print_tables(store::prune(*database, spans, context.clock.now()), options, context);
  return k_exit_done;
}

}  // namespace kbeat::app
