// Sets libcurl up for one request and runs it, with every limit counted by ourselves.
#include "kbeat/net/curl_transfer.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "kbeat/net/address_guard.hpp"
#include "kbeat/net/curl_failure.hpp"
#include "kbeat/net/http_status.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::net {
namespace {

constexpr std::size_t k_longest_head = 256 << 10;
/// Of the page that comes along with a redirect, read to its end since libcurl names the target only then.
constexpr std::size_t k_longest_note = 256 << 10;

/// Why a callback of ours ended the transfer.
enum class Abort { none, body_not_wanted, body_too_large, head_too_large, disk };

/// State of one request; libcurl calls back into it on the thread that runs it.
class Transfer {
 public:
  Transfer(CurlSession& session, const DownloadPolicy& policy, const HttpRequest& request)
      : m_easy(session.easy.get()), m_multi(session.multi.get()), m_policy(policy), m_request(request) {
    curl_easy_reset(m_easy);
    set_guards();
    set_limits();
    set_callbacks();
    if (m_request.call != nullptr) set_call(*m_request.call);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() { curl_multi_remove_handle(m_multi, m_easy); }

  Answer run();

 private:
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t take_head(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(m_easy, option, value);
  }
  void set_guards();
  void set_limits();
  void set_callbacks();
  void set_call(const HttpCall& call);
  std::size_t take_told(std::string_view bytes);

  std::optional<CURLcode> perform();
  [[nodiscard]] Answer answer_of(CURLcode code) const;
  [[nodiscard]] Answer answer_of_status() const;
  [[nodiscard]] FetchFailure failure(ErrorCode code, std::string_view reason, Retryable retryable) const;
  bool write_all(const char* data, std::size_t size);
  [[nodiscard]] long status() const;
  [[nodiscard]] std::string_view verb() const { return m_request.call != nullptr ? "call" : "fetch"; }
  [[nodiscard]] std::optional<Milliseconds> retry_after() const;

  CURL* m_easy;
  CURLM* m_multi;
  const DownloadPolicy& m_policy;
  const HttpRequest& m_request;
  CurlList m_headers;
  std::string m_refused_address;
  bool m_tried_address = false;
  std::size_t m_head = 0;
  std::uint64_t m_body = 0;
  Abort m_abort = Abort::none;
  int m_disk_error = 0;
};

curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.m_policy.private_addresses == Allowed::no && !transfer.m_policy.may_reach(address->addr)) {
    transfer.m_refused_address = address_text(address->addr);
    return CURL_SOCKET_BAD;
  }
  transfer.m_tried_address = true;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::take_head(char*, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.m_head += size * count;
  if (transfer.m_head <= k_longest_head) return size * count;
  transfer.m_abort = Abort::head_too_large;
  return 0;
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (transfer.m_request.told != nullptr) return transfer.take_told({data, bytes});
  const bool wanted = transfer.status() == 200;
  const std::uint64_t limit = wanted ? transfer.m_policy.limits.max_bytes : k_longest_note;
  if (!wanted && transfer.status() >= 400) {
    transfer.m_abort = Abort::body_not_wanted;
  } else if (bytes > limit - transfer.m_body) {
    transfer.m_abort = wanted ? Abort::body_too_large : Abort::body_not_wanted;
  } else if (wanted && !transfer.write_all(data, bytes)) {
    transfer.m_abort = Abort::disk;
  } else {
    transfer.m_body += bytes;
    return bytes;
  }
  return 0;
}

std::size_t Transfer::take_told(std::string_view bytes) {
  std::string& body = m_request.told->body;
  const std::uint64_t room = m_policy.limits.max_bytes - body.size();
  if (bytes.size() <= room) {
    body += bytes;
    return bytes.size();
  }
  const bool cut = m_request.call->long_answer == LongAnswer::cut;
  if (cut) body += bytes.substr(0, room);
  m_abort = cut ? Abort::body_not_wanted : Abort::body_too_large;
  return 0;
}

bool Transfer::write_all(const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(m_request.sink, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      m_disk_error = errno;
      return false;
    }
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

void Transfer::set_guards() {
  set(CURLOPT_URL, m_request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PROXY, "");  // a proxy of the environment would go around the address check
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);  // a compressed bomb stays as small as it came
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_USERAGENT, "kbeat/" KBEAT_VERSION);
  if (!m_policy.authorities.empty()) set(CURLOPT_CAINFO, m_policy.authorities.c_str());
}

void Transfer::set_limits() {
  const DownloadLimits& limits = m_policy.limits;
  const auto left =
      std::chrono::duration_cast<Milliseconds>(m_request.deadline - std::chrono::steady_clock::now());
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<Milliseconds::rep>(left.count(), 1)));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.low_speed_bytes));
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.low_speed_time.count() / 1000));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.max_bytes));
  set(CURLOPT_BUFFERSIZE, 256L << 10);
}

void Transfer::set_callbacks() {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // never wait for a name server on the way out
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, &Transfer::take_head);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

void Transfer::set_call(const HttpCall& call) {
  const auto add = [this](const char* header) {
    curl_slist* longer = curl_slist_append(m_headers.get(), header);
    if (longer == nullptr) return;
    static_cast<void>(m_headers.release());
    m_headers.reset(longer);
  };
  if (call.long_answer == LongAnswer::cut) set(CURLOPT_MAXFILESIZE_LARGE, curl_off_t{0});
  add("Expect:");  // never wait for a 100 before the body
  for (const std::string& header : call.headers) add(header.c_str());
  set(CURLOPT_HTTPHEADER, m_headers.get());
  if (call.method == "GET") return;
  set(CURLOPT_POSTFIELDS, call.body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
  set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
}

Answer Transfer::run() {
  const std::optional<CURLcode> code = perform();
  if (!code) return failure(ErrorCode::interrupted, "asked to stop", Retryable::yes);
  return answer_of(*code);
}

/// Nothing when it was asked to stop.
std::optional<CURLcode> Transfer::perform() {
  constexpr int k_wait_ms = 1000;
  curl_multi_add_handle(m_multi, m_easy);
  const std::stop_callback wake(m_request.stop, [this] { curl_multi_wakeup(m_multi); });
  for (int running = 1; running > 0;) {
    if (m_request.stop.stop_requested()) return std::nullopt;
    if (curl_multi_perform(m_multi, &running) != CURLM_OK) return CURLE_FAILED_INIT;
    if (running > 0) curl_multi_poll(m_multi, nullptr, 0, k_wait_ms, nullptr);
  }
  int queued = 0;
  const CURLMsg* const message = curl_multi_info_read(m_multi, &queued);
  return message != nullptr && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT;
}

Answer Transfer::answer_of(CURLcode code) const {
  switch (m_abort) {
    case Abort::body_not_wanted: return answer_of_status();
    case Abort::body_too_large: return failure_of_curl(CURLE_FILESIZE_EXCEEDED, verb(), m_request.url);
    case Abort::head_too_large:
      return failure(ErrorCode::bad_input, "the head of the answer is too large", Retryable::no);
    case Abort::disk:
      return failure(m_disk_error == ENOSPC ? ErrorCode::no_space : ErrorCode::io,
                     "writing the temporary file: " + std::generic_category().message(m_disk_error),
                     Retryable::yes);
    case Abort::none: break;
  }
  if (code == CURLE_OK) return answer_of_status();
  if (!m_refused_address.empty() && !m_tried_address) {
    return failure(
        ErrorCode::bad_input,
        fmt::format("its host is at {}, which is not a public address (--allow-private-addresses allows it)",
                    m_refused_address),
        Retryable::no);
  }
  return failure_of_curl(code, verb(), m_request.url);
}

Answer Transfer::answer_of_status() const {
  if (m_request.told != nullptr) {
    m_request.told->status = status();
    m_request.told->retry_after = retry_after();
    return Stored{};
  }
  if (status() == 200) return Stored{};
  char* target = nullptr;
  curl_easy_getinfo(m_easy, CURLINFO_REDIRECT_URL, &target);
  if (target != nullptr) return Redirected{target};
  return failure_of_status(status(), m_request.url, retry_after());
}

std::optional<Milliseconds> Transfer::retry_after() const {
  curl_off_t seconds = 0;
  curl_easy_getinfo(m_easy, CURLINFO_RETRY_AFTER, &seconds);
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min<curl_off_t>(seconds, 86'400));
}

FetchFailure Transfer::failure(ErrorCode code, std::string_view reason, Retryable retryable) const {
  return {Error(code, fmt::format("cannot {} {}: {}", verb(), redact_url(m_request.url), reason), retryable),
          std::nullopt};
}

long Transfer::status() const {
  long code = 0;
  curl_easy_getinfo(m_easy, CURLINFO_RESPONSE_CODE, &code);
  return code;
}

}  // namespace

Answer run_request(CurlSession& session, const DownloadPolicy& policy, const HttpRequest& request) {
  return Transfer(session, policy, request).run();
}

}  // namespace kbeat::net
