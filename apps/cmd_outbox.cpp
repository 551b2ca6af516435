// Lists the outbox's rows, and runs a relay until they are sent.
#include "cmd_outbox.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "exit_code.hpp"
#include "kbeat/pipeline/relay.hpp"
#include "kbeat/store/store.hpp"
#include "output.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

constexpr std::size_t k_page = 500;
constexpr Milliseconds k_flush_timeout{30'000};

std::unique_ptr<store::Store> open_store_of(const Context& context, store::OpenMode mode) {
  return store::open_store(context.settings().transport.data_dir, mode);
}

Row row_of(const store::OutboxRow& row) {
  const Record& record = row.record;
  const auto size = static_cast<std::int64_t>(record.value ? record.value->size() : 0);
  Cell partition;  // null: chosen by key when it is sent
  if (record.partition.get() >= 0) partition = record.partition.get();
  return {row.seq,
          record.topic.get(),
          partition,
          record.key ? Cell(*record.key) : Cell(),
          size,
          row.state == store::OutboxState::parked ? "parked" : "waiting",
          to_rfc3339(row.created),
          row.letter.empty() ? Cell() : Cell(row.letter),
          row.error.empty() ? Cell() : Cell(row.error)};
}

}  // namespace

void add_outbox(CommandLine& line) {
  CLI::App& group = add_command_group(line.root(), {"outbox", "records that wait in the store for Kafka",
                                                    "kbeat outbox list\nkbeat outbox flush --timeout 1m"});
  auto options = std::make_shared<OutboxOptions>();
  CLI::App& list =
      add_command(line, group, {"list", "what waits, in its order", "kbeat outbox list --output table"},
                  [options](Context& context) { return run_outbox_list(*options, context); });
  add_output_flag(list, options->output);
  CLI::App& flush = add_command(
      line, group, {"flush", "send what waits and come back when it is sent", "kbeat outbox flush --parked"},
      [options](Context& context) { return run_outbox_flush(*options, context); });
  flush.add_flag("--parked", options->parked, "try the rows again that could not be sent");
  add_metrics_flags(line, flush, Lifetime::bounded);
}

int run_outbox_list(const OutboxOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  const auto store = open_store_of(context, store::OpenMode::read_only);
  Listing listing{{"seq", "topic", "partition", "key", "bytes", "state", "created_at", "letter", "error"},
                  {}};
  std::vector<store::OutboxRow> rows;
  for (std::int64_t after = 0; !(rows = store->outbox().owed(after, k_page)).empty();) {
    for (const store::OutboxRow& row : rows) listing.rows.push_back(row_of(row));
    after = rows.back().seq;
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

int run_outbox_flush(const OutboxOptions& options, Context& context) {
  const auto store = open_store_of(context, store::OpenMode::read_write);
  WatchKit watchers(context, {}, Lifetime::bounded);
  if (options.parked) store->outbox().unpark();
  const std::int64_t waiting = store->outbox().counts().waiting;
  pipeline::Relay relay(watchers.transport(),
                        [&context] { return open_store_of(context, store::OpenMode::read_write); },
                        {.owner = fmt::format("kbeat-outbox-{}", ::getpid()),
                         .client_id = "kbeat-outbox",
                         .make_topic = nullptr});
  relay.await_empty(store->outbox(), context.settings().timeout.value_or(k_flush_timeout), context.clock);
  watchers.finish();
  context.notice(fmt::format("{} records sent", waiting));
  return k_exit_done;
}

}  // namespace kbeat::app
