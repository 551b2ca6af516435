// Many WebSocket clients in one process, and the records that they wait for: what bench_live.py measures
// with.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t wall_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct Options {
  std::string command;
  std::map<std::string, std::string> values;

  [[nodiscard]] long number(const std::string& name, long fallback) const {
    const auto found = values.find(name);
    return found == values.end() ? fallback : std::stol(found->second);
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  }
};

/// `{"data":{"DEVICE_ID":"7"},"t":…,"x":"…"}`, `bytes` long, each with the moment at which it is written.
void append_record(std::string& lines, long device, std::size_t bytes) {
  const std::size_t begin = lines.size();
  lines += "{\"data\":{\"DEVICE_ID\":\"" + std::to_string(device) + "\"},\"t\":" + std::to_string(wall_us()) +
           ",\"x\":\"";
  const std::size_t used = lines.size() - begin + 2;
  if (used < bytes) lines.append(bytes - used, 'x');
  lines += "\"}\n";
}

void write_all(const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data() + at, bytes.size() - at);
    if (written <= 0) throw std::runtime_error("cannot write records");
    at += static_cast<std::size_t>(written);
  }
}

/// Lines for `kbeat produce`: `rate` a second (0: as fast as they are taken), `count` in all, over `devices`.
int run_lines(const Options& options) {
  const long rate = options.number("rate", 0);
  const long count = options.number("count", 1000);
  const long devices = options.number("devices", 1);
  const auto bytes = static_cast<std::size_t>(options.number("bytes", 250));
  const Clock::time_point begun = Clock::now();
  std::string lines;
  for (long i = 0; i < count; ++i) {
    if (rate > 0) std::this_thread::sleep_until(begun + std::chrono::microseconds(i * 1'000'000 / rate));
    append_record(lines, i % devices, bytes);
    if (rate == 0 && lines.size() < (256u << 10) && i + 1 < count) continue;
    write_all(lines);
    lines.clear();
  }
  return 0;
}

struct Client {
  int socket = -1;
  bool open = false;  ///< the handshake is over
  bool reads = true;  ///< false: it never looks at what comes
  bool closed = false;
  std::string waiting;  ///< bytes of a message that is not whole yet
  std::uint64_t messages = 0;
};

class Swarm {
 public:
  explicit Swarm(const Options& options) : m_options(options), m_epoll(epoll_create1(0)) {
    m_address.sin_family = AF_INET;
    m_address.sin_port = htons(static_cast<std::uint16_t>(options.number("port", 8000)));
    m_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }

  void connect_all() {
    const long idle = m_options.number("idle", 0);
    const long active = m_options.number("active", 0);
    const long stuck = m_options.number("stuck", 0);
    m_clients.resize(static_cast<std::size_t>(idle + active + stuck));
    for (std::size_t i = 0; i < m_clients.size(); ++i) {
      const long at = static_cast<long>(i);
      const std::string query = at < idle ? m_options.text("idle-query") : m_options.text("query");
      m_clients[i].reads = at < idle + active;
      begin(i, query);
      if (i % 200 == 199) serve(std::chrono::milliseconds(5));
    }
    const Clock::time_point limit = Clock::now() + std::chrono::seconds(60);
    while (m_open < m_clients.size() && Clock::now() < limit) serve(std::chrono::milliseconds(50));
    if (m_open < m_clients.size())
      throw std::runtime_error("only " + std::to_string(m_open) + " clients are in");
  }

  /// Until `messages` were read, or nothing came for `quiet` seconds after the first, or `seconds` are over.
  void read_all() {
    const auto wanted = static_cast<std::uint64_t>(m_options.number("messages", 0));
    const Clock::time_point limit = Clock::now() + std::chrono::seconds(m_options.number("seconds", 10));
    const std::chrono::seconds quiet(m_options.number("quiet", 3));
    while (Clock::now() < limit && (wanted == 0 || m_messages < wanted)) {
      serve(std::chrono::milliseconds(50));
      if (m_messages > 0 && Clock::now() - m_last > quiet) break;
    }
  }

  void report() {
    std::sort(m_delays.begin(), m_delays.end());
    const auto at = [&](double share) {
      if (m_delays.empty()) return 0.0;
      const auto place = static_cast<std::size_t>(share * static_cast<double>(m_delays.size() - 1));
      return static_cast<double>(m_delays[place]) / 1000;
    };
    std::uint64_t least = UINT64_MAX, most = 0, closed = 0;
    for (const Client& client : m_clients) {
      if (client.closed) ++closed;
      if (!client.reads || (client.messages == 0 && m_options.number("idle", 0) > 0)) continue;
      least = std::min(least, client.messages);
      most = std::max(most, client.messages);
    }
    const double seconds = std::chrono::duration<double>(m_last - m_first).count();
    std::printf(
        "{\"clients\":%zu,\"closed\":%llu,\"messages\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,\"least\":%"
        "llu,"
        "\"most\":%llu,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
        m_clients.size(), static_cast<unsigned long long>(closed),
        static_cast<unsigned long long>(m_messages), seconds,
        seconds > 0 ? static_cast<double>(m_messages) / seconds : 0.0,
        static_cast<unsigned long long>(least == UINT64_MAX ? 0 : least),
        static_cast<unsigned long long>(most), at(0.5), at(0.99), at(1.0));
  }

 private:
  void begin(std::size_t number, const std::string& query) {
    Client& client = m_clients[number];
    client.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client.socket < 0) throw std::runtime_error("out of descriptors: raise ulimit -n");
    if (!client.reads) {
      const int small = 4096;
      setsockopt(client.socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    if (::connect(client.socket, reinterpret_cast<const sockaddr*>(&m_address), sizeof m_address) != 0)
      throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
    std::string path = query;
    const std::size_t mark = path.find("%d");
    if (mark != std::string::npos) path.replace(mark, 2, std::to_string(number));
    const std::string request =
        "GET /api/v1/stream" + path +
        " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    if (::send(client.socket, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size()))
      throw std::runtime_error("cannot ask for a stream");
    fcntl(client.socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = number;
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, client.socket, &event);
  }

  void serve(std::chrono::milliseconds wait) {
    std::vector<epoll_event> events(512);
    const int count =
        epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), static_cast<int>(wait.count()));
    for (int i = 0; i < count; ++i) read_from(m_clients[events[static_cast<std::size_t>(i)].data.u64]);
  }

  void read_from(Client& client) {
    const ssize_t got = ::recv(client.socket, m_buffer.data(), m_buffer.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      client.closed = true;
      epoll_ctl(m_epoll, EPOLL_CTL_DEL, client.socket, nullptr);
      return;
    }
    std::string_view bytes(m_buffer.data(), static_cast<std::size_t>(got));
    if (!client.waiting.empty() || !client.open) {
      client.waiting += bytes;
      bytes = client.waiting;
    }
    std::string_view rest = client.open ? bytes : after_handshake(client, bytes);
    if (client.open) rest = take_frames(client, rest);
    client.waiting = std::string(rest);
    if (client.open && !client.reads) epoll_ctl(m_epoll, EPOLL_CTL_DEL, client.socket, nullptr);
  }

  std::string_view after_handshake(Client& client, std::string_view bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return bytes;
    if (bytes.find(" 101 ") == std::string_view::npos)
      throw std::runtime_error("refused: " + std::string(bytes.substr(0, 200)));
    client.open = true;
    ++m_open;
    return bytes.substr(end + 4);
  }

  std::string_view take_frames(Client& client, std::string_view bytes) {
    const std::int64_t now = wall_us();
    while (bytes.size() >= 2) {
      std::size_t length = static_cast<unsigned char>(bytes[1]) & 0x7F;
      std::size_t head = 2;
      if (length == 126) {
        if (bytes.size() < 4) break;
        length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2])) << 8 |
                 static_cast<unsigned char>(bytes[3]);
        head = 4;
      }
      if (bytes.size() < head + length) break;
      if ((bytes[0] & 0x0F) == 1) count(client, bytes.substr(head, length), now);
      bytes.remove_prefix(head + length);
    }
    return bytes;
  }

  void count(Client& client, std::string_view text, std::int64_t now) {
    ++client.messages;
    m_last = Clock::now();
    if (m_messages++ == 0) m_first = m_last;
    const std::size_t stamp = text.find("\"t\":");
    if (stamp == std::string_view::npos) return;
    m_delays.push_back(static_cast<std::int32_t>(
        std::min<std::int64_t>(now - std::strtoll(text.data() + stamp + 4, nullptr, 10), INT32_MAX)));
  }

  const Options& m_options;
  int m_epoll;
  sockaddr_in m_address{};
  std::vector<Client> m_clients;
  std::vector<char> m_buffer = std::vector<char>(256u << 10);
  std::size_t m_open = 0;
  std::uint64_t m_messages = 0;
  std::vector<std::int32_t> m_delays;
  Clock::time_point m_first;
  Clock::time_point m_last;
};

/// Connects, says `in`, waits for a line on stdin unless told not to, reads and reports.
int run_clients(const Options& options) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  Swarm swarm(options);
  swarm.connect_all();
  std::cout << "in" << std::endl;
  if (options.number("wait", 0) > 0) {
    std::string line;
    std::getline(std::cin, line);
  }
  swarm.read_all();
  swarm.report();
  return 0;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  options.command = count > 1 ? words[1] : "";
  for (int i = 2; i + 1 < count; i += 2) options.values[std::string(words[i]).substr(2)] = words[i + 1];
  try {
    if (options.command == "lines") return run_lines(options);
    if (options.command == "clients") return run_clients(options);
    std::cerr << "live_load lines|clients [--NAME VALUE …]\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "live_load: " << error.what() << "\n";
    return 1;
  }
}
