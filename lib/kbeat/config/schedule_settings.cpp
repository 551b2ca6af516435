// Reads [[schedule]].
#include "kbeat/config/schedule_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kbeat/base/error.hpp"
#include "kbeat/base/split_words.hpp"

namespace kbeat::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::pair<TaskKind, std::string_view>, 6> k_tasks{
    {{TaskKind::notify, "notify"},
     {TaskKind::dashboard, "dashboard"},
     {TaskKind::prune, "prune"},
     {TaskKind::exec, "exec"},
     {TaskKind::consumer_on, "consumer-on"},
     {TaskKind::consumer_off, "consumer-off"}}};

TaskKind task_of(EntryReader& reader) {
  const std::string word = reader.text("task");
  for (const auto& [kind, name] : k_tasks) {
    if (word == name) return kind;
  }
  reader.refuse("task", "is not notify, dashboard, prune, exec, consumer-on or consumer-off");
}

void read_when(EntryReader& reader, ScheduleSettings& schedule) {
  schedule.every = reader.span("every");
  schedule.cron = reader.text_or("cron", "");
  schedule.zone = reader.text_or("zone", "UTC");
  if (schedule.every.has_value() == !schedule.cron.empty())
    reader.refuse("every", "or cron: give one of them");
  if (schedule.every && reader.has("zone")) reader.refuse("zone", "goes with cron: every counts from 1970");
  constexpr Milliseconds k_shortest{1000};
  if (schedule.every && *schedule.every < k_shortest) reader.refuse("every", "must be 1s or more");
}

void read_policies(EntryReader& reader, ScheduleSettings& schedule) {
  const std::string missed = reader.text_or("missed", "skip");
  if (missed != "skip" && missed != "once" && missed != "all")
    reader.refuse("missed", "is not skip, once or all");
  schedule.missed = missed == "once" ? Missed::once : missed == "all" ? Missed::all : Missed::skip;
  const std::string overlap = reader.text_or("overlap", "skip");
  if (overlap != "skip" && overlap != "wait") reader.refuse("overlap", "is not skip or wait");
  schedule.overlap = overlap == "wait" ? Overlap::wait : Overlap::skip;
  schedule.timeout = reader.span("timeout").value_or(schedule.timeout);
  if (schedule.timeout <= Milliseconds{0}) reader.refuse("timeout", "must be more than 0");
  if (reader.has("enabled")) schedule.enabled = reader.flag("enabled");
}

void read_subject(EntryReader& reader, ScheduleSettings& schedule) {
  if (schedule.task == TaskKind::exec) {
    schedule.command = reader.list("command");
    if (schedule.command.size() == 1) schedule.command = split_words(schedule.command.front());
    if (schedule.command.empty()) reader.refuse("command", "is missing or empty");
  }
  const bool switches = schedule.task == TaskKind::consumer_on || schedule.task == TaskKind::consumer_off;
  if (switches) schedule.group = reader.text("group");
}

ScheduleSettings read_schedule(const ConfigEntry& entry) {
  EntryReader reader(entry);
  ScheduleSettings schedule;
  schedule.place = reader.place();
  schedule.name = reader.text("name");
  schedule.task = task_of(reader);
  read_when(reader, schedule);
  read_subject(reader, schedule);
  read_policies(reader, schedule);
  reader.finish();
  return schedule;
}

std::vector<ScheduleSettings> always_there() {
  const auto make = [](const char* name, TaskKind task, Milliseconds every) {
    ScheduleSettings schedule;
    schedule.place = "built in";
    schedule.name = name;
    schedule.task = task;
    schedule.every = every;
    return schedule;
  };
  return {make("notifications", TaskKind::notify, seconds{30}),
          make("dashboard", TaskKind::dashboard, minutes{5}), make("prune", TaskKind::prune, minutes{15})};
}

}  // namespace

std::string_view to_string(TaskKind task) {
  for (const auto& [kind, name] : k_tasks) {
    if (kind == task) return name;
  }
  return "exec";
}

std::vector<ScheduleSettings> read_schedules(std::span<const ConfigEntry> entries) {
  std::vector<ScheduleSettings> schedules = always_there();
  for (const ConfigEntry& entry : entries) {
    ScheduleSettings read = read_schedule(entry);
    const auto same = std::find_if(schedules.begin(), schedules.end(),
                                   [&](const auto& one) { return one.name == read.name; });
    if (same == schedules.end()) {
      schedules.push_back(std::move(read));
    } else if (same->place == "built in") {
      *same = std::move(read);
    } else {
      throw Error(ErrorCode::configuration, fmt::format("{}: there is a schedule \"{}\" already ({})",
                                                        read.place, read.name, same->place));
    }
  }
  return schedules;
}

std::vector<ScheduleSettings> schedules_in(const ConfigLists& lists) {
  const auto found = lists.find("schedule");
  return found == lists.end() ? read_schedules({}) : read_schedules(found->second);
}

}  // namespace kbeat::config
