// Groups and producers over several processes, some of which die.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "contract/workbench.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"

namespace kbeat::contract {
namespace {

using test::Child;

/// What the child processes of a case are to do, and what they note of what they did.
class Task {
 public:
  Task(Workbench& bench, const TopicName& topic, std::string group) : m_group(std::move(group)) {
    std::ofstream(m_dir / "task") << bench.under_test().address() << '\n'
                                  << topic.get() << '\n'
                                  << m_group << '\n'
                                  << bench.under_test().shortest_session().count() << '\n';
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return m_dir.path(); }
  [[nodiscard]] const std::string& group() const { return m_group; }
  /// The complete lines that this child has noted so far.
  [[nodiscard]] std::vector<std::string> notes_of(const Child& child) const {
    std::ifstream file(m_dir / ("notes." + std::to_string(child.pid())));
    std::vector<std::string> notes;
    for (std::string line; std::getline(file, line) && !file.eof();) notes.push_back(line);
    return notes;
  }
  [[nodiscard]] bool noted(const Child& child, const std::string& note) const {
    const auto notes = notes_of(child);
    return std::find(notes.begin(), notes.end(), note) != notes.end();
  }
  /// Has the child stop itself between two polls: there it holds no lock, which nobody could take from it.
  void stop(const Child& child) const {
    std::ofstream(m_dir / ("stop." + std::to_string(child.pid())));
    child.wait_until_stopped();
  }

 private:
  test::TempDir m_dir;
  std::string m_group;
};

/// The task as a child sees it.
struct ChildTask {
  ChildTask() {
    std::ifstream file(test::child_folder() / "task");
    std::string session;
    std::getline(file, address);
    std::getline(file, topic);
    std::getline(file, group);
    std::getline(file, session);
    session_timeout = Milliseconds{std::stoll(session)};
    notes.open(test::child_folder() / ("notes." + std::to_string(getpid())), std::ios::app);
  }
  void note(const std::string& text) { notes << text << '\n' << std::flush; }
  static void stop_if_told() {
    if (std::filesystem::remove(test::child_folder() / ("stop." + std::to_string(getpid())))) raise(SIGSTOP);
  }

  std::string address, topic, group;
  Milliseconds session_timeout{0};
  std::ofstream notes;
};

std::vector<Record> numbered(const TopicName& topic, int from, int to, int partitions) {
  std::vector<Record> records;
  for (int i = from; i < to; ++i) records.push_back(record_of(topic, "k", std::to_string(i), i % partitions));
  return records;
}

void wait_for(Workbench& bench, const std::string& what, const std::function<bool()>& done) {
  keep_on(bench.under_test().patience() * 2, what, [&] {
    if (done()) return true;
    std::this_thread::sleep_for(Milliseconds{20});
    return false;
  });
}

/// Which of the numbers [0, count) nobody noted.
std::vector<int> missing(const Task& task, const std::vector<const Child*>& children, int count) {
  std::set<std::string> seen;
  for (const Child* child : children) {
    for (const std::string& note : task.notes_of(*child)) seen.insert(note);
  }
  std::vector<int> absent;
  for (int i = 0; i < count; ++i) {
    if (!seen.contains("read " + std::to_string(i))) absent.push_back(i);
  }
  return absent;
}

constexpr const char* k_member = "child: a member that notes what it reads";
constexpr const char* k_producer = "child: a producer that notes what is stored";

}  // namespace

TEST_CASE("child: a member that notes what it reads", "[.child]") {
  ChildTask task;
  const auto transport = open_for_process(task.address);
  GroupReader member(*transport, task.group, {task.topic}, task.session_timeout);
  int assignments = 0;
  bool lost = false;
  for (;;) {
    ChildTask::stop_if_told();
    member.poll(Milliseconds{100});
    if (member.was_lost && !std::exchange(lost, true)) task.note("lost");
    if (member.assignments != std::exchange(assignments, member.assignments)) {
      task.note("owns " + std::to_string(member.owned.size()));
    }
    for (const Record& record : member.records) task.note("read " + *record.value);
    if (std::exchange(member.records, {}).empty()) continue;
    try {
      member.commit_all();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::fenced) throw;
    }
  }
}

TEST_CASE("child: a producer that notes what is stored", "[.child]") {
  ChildTask task;
  const auto transport = open_for_process(task.address);
  const auto producer = transport->make_producer({});
  std::vector<Delivery> reports;
  for (std::uint64_t i = 0;; ++i) {
    const Record record =
        record_of(TopicName{task.topic}, "k", std::to_string(getpid()) + ":" + std::to_string(i), 0);
    const RecordLoan loan(record);
    while (producer->send(loan.view(), i) == Accepted::queue_full) producer->poll(Milliseconds{10}, reports);
    if (i % 50 == 0) producer->flush(Milliseconds{10'000}, reports);
    for (const Delivery& report : reports) {
      if (!report.error) task.note(std::to_string(report.tag));
    }
    reports.clear();
  }
}

TEST_CASE("processes share the partitions of a group", "[contract][process]") {
  Workbench bench(GENERATE(from_range(shared_transports_under_test())));
  const TopicName topic = bench.make_topic(4);
  const Task task(bench, topic, bench.fresh_name("group"));
  const Child first(k_member, task.folder());
  wait_for(bench, "the first to own all", [&] { return task.noted(first, "owns 4"); });
  const Child second(k_member, task.folder());
  wait_for(bench, "both to own two",
           [&] { return task.noted(first, "owns 2") && task.noted(second, "owns 2"); });
  bench.produce(numbered(topic, 0, 200, 4));
  wait_for(bench, "all records to be read", [&] { return missing(task, {&first, &second}, 200).empty(); });
  CHECK(task.notes_of(first).size() == 2 + 100);
  CHECK(task.notes_of(second).size() == 1 + 100);
}

TEST_CASE("the partitions of a killed process go to the others", "[contract][process]") {
  Workbench bench(GENERATE(from_range(shared_transports_under_test())));
  const TopicName topic = bench.make_topic(4);
  const Task task(bench, topic, bench.fresh_name("group"));
  const Child survivor(k_member, task.folder());
  const Child victim(k_member, task.folder());
  wait_for(bench, "both to own two",
           [&] { return task.noted(survivor, "owns 2") && task.noted(victim, "owns 2"); });
  bench.produce(numbered(topic, 0, 40, 4));
  wait_for(bench, "the first records", [&] { return missing(task, {&survivor, &victim}, 40).empty(); });
  victim.signal(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  bench.produce(numbered(topic, 40, 80, 4));
  wait_for(bench, "the survivor to own all", [&] {
    return missing(task, {&survivor, &victim}, 80).empty() && task.notes_of(survivor).size() >= 60;
  });
  CHECK(std::chrono::steady_clock::now() - killed <
        bench.under_test().shortest_session() * 2 + Milliseconds{5'000});
}

TEST_CASE("a process that was stopped for too long has lost its partitions", "[contract][process]") {
  Workbench bench(GENERATE(from_range(shared_transports_under_test())));
  const TopicName topic = bench.make_topic(2);
  const Task task(bench, topic, bench.fresh_name("group"));
  const Child zombie(k_member, task.folder());
  wait_for(bench, "the zombie to own all", [&] { return task.noted(zombie, "owns 2"); });
  task.stop(zombie);
  const Child heir(k_member, task.folder());
  wait_for(bench, "the heir to own all", [&] { return task.noted(heir, "owns 2"); });
  bench.produce(numbered(topic, 0, 20, 2));
  wait_for(bench, "the heir to read all", [&] { return missing(task, {&heir}, 20).empty(); });
  zombie.signal(SIGCONT);
  wait_for(bench, "the zombie to notice", [&] { return task.noted(zombie, "lost"); });
  wait_for(bench, "both to share again",
           [&] { return task.noted(zombie, "owns 1") && task.noted(heir, "owns 1"); });
}

TEST_CASE("what a killed producer was told is stored, once and in order", "[contract][process]") {
  Workbench bench(GENERATE(from_range(shared_transports_under_test())));
  const TopicName topic = bench.make_topic(1);
  const Task task(bench, topic, "none");
  std::mt19937 random(Catch::rngSeed());
  std::map<std::string, std::size_t> told;
  for (int round = 0; round < 8; ++round) {
    Child producer(k_producer, task.folder());
    wait_for(bench, "the first reports", [&] { return !task.notes_of(producer).empty(); });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 100'000));
    producer.signal(SIGKILL);
    producer.wait();
    told[std::to_string(producer.pid())] = task.notes_of(producer).size();
  }
  std::map<std::string, std::size_t> stored;
  for (const Record& record : bench.read_all(topic)) {
    const std::size_t colon = record.value->find(':');
    const std::string producer = record.value->substr(0, colon);
    REQUIRE(std::to_string(stored[producer]) == record.value->substr(colon + 1));
    ++stored[producer];
  }
  for (const auto& [producer, count] : told) {
    INFO("producer " << producer);
    CHECK(stored[producer] >= count);
  }
}

TEST_CASE("what killed producers stored is read by a group whose members are killed", "[contract][process]") {
  Workbench bench(GENERATE(from_range(shared_transports_under_test())));
  const TopicName topic = bench.make_topic(1);
  const Task producing(bench, topic, "none");
  const Task reading(bench, topic, bench.fresh_name("group"));
  std::mt19937 random(Catch::rngSeed());
  std::vector<std::unique_ptr<Child>> members;
  for (int round = 0; round < 4; ++round) {
    members.push_back(std::make_unique<Child>(k_member, reading.folder()));
    Child producer(k_producer, producing.folder());
    wait_for(bench, "the first reports", [&] { return !producing.notes_of(producer).empty(); });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000));
    producer.signal(SIGKILL);
    members.back()->signal(SIGKILL);
  }
  const std::vector<Record> stored = bench.read_all(topic);
  members.push_back(std::make_unique<Child>(k_member, reading.folder()));
  std::set<std::string> read;
  wait_for(bench, "every stored record to be read", [&] {
    for (const auto& member : members) {
      for (const std::string& note : reading.notes_of(*member)) read.insert(note);
    }
    return std::all_of(stored.begin(), stored.end(),
                       [&](const Record& record) { return read.contains("read " + *record.value); });
  });
  const TopicPartition partition = part(topic, 0);
  wait_for(bench, "the group's position to reach the end", [&] {
    const auto committed = bench.offsets().committed(GroupId{reading.group()}, {&partition, 1});
    return !committed.empty() && committed.front().next == bench.end_of(topic, 0);
  });
}

}  // namespace kbeat::contract
