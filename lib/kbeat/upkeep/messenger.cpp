// The three ways.
#include "kbeat/upkeep/messenger.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <sysexits.h>

#include <array>
#include <utility>

#include "kbeat/base/bounded_child.hpp"
#include "kbeat/base/child_process.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/base/memory_file.hpp"
#include "kbeat/base/split_words.hpp"
#include "kbeat/net/http_status.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::upkeep {
namespace {

class LogMessenger final : public Messenger {
 public:
  void deliver(const Message& message, std::stop_token) override {
    log(message.urgent ? LogLevel::warning : LogLevel::info, "{}", message.text);
  }
  [[nodiscard]] std::string name() const override { return "log"; }
};

class ExecMessenger final : public Messenger {
 public:
  ExecMessenger(std::vector<std::string> words, Milliseconds timeout)
      : m_words(std::move(words)), m_timeout(timeout) {
    constexpr std::array<std::string_view, 5> k_names{"PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH"};
    const std::vector<std::string> names(k_names.begin(), k_names.end());
    m_environment = inherited_environment(names);
  }

  void deliver(const Message& message, std::stop_token stop) override {
    const Descriptor input = memory_file(message.json + "\n");
    const SteadyTime deadline = std::chrono::steady_clock::now() + m_timeout;
    // What is cut short may have been delivered, and would be again.
    constexpr Milliseconds k_grace{5'000};
    const ChildReport report =
        run_child({.words = m_words, .environment = m_environment, .input = input.number(), .grace = k_grace},
                  deadline, stop);
    const bool exited = report.end == ChildEnd::exited && WIFEXITED(report.status);
    if (exited && WEXITSTATUS(report.status) == 0) return;
    const bool hopeless = exited && WEXITSTATUS(report.status) != EX_TEMPFAIL;
    throw Error(ErrorCode::undelivered, fmt::format("{} {}", m_words.front(), end_text(report)),
                hopeless ? Retryable::no : Retryable::yes);
  }
  [[nodiscard]] std::string name() const override { return fmt::format("exec {}", m_words.front()); }

 private:
  std::vector<std::string> m_words;
  Milliseconds m_timeout;
  std::vector<std::string> m_environment;
};

class WebhookMessenger final : public Messenger {
 public:
  WebhookMessenger(std::string url, std::shared_ptr<net::HttpClient> client, Milliseconds timeout)
      : m_url(std::move(url)), m_client(std::move(client)), m_timeout(timeout) {}

  void deliver(const Message& message, std::stop_token stop) override {
    const net::HttpResult result = m_client->call(
        {.method = "POST",
         .url = m_url,
         .headers = {"Content-Type: application/json", fmt::format("Idempotency-Key: {}", message.id)},
         .body = message.json,
         .deadline = std::chrono::steady_clock::now() + m_timeout,
         .stop = std::move(stop),
         .long_answer = net::LongAnswer::cut});
    if (const auto* failure = std::get_if<net::FetchFailure>(&result)) throw Error(failure->error);
    const auto& answer = std::get<net::HttpAnswer>(result);
    if (answer.status >= 200 && answer.status < 300) return;
    throw Error(net::failure_of_status(answer.status, m_url, answer.retry_after).error);
  }
  [[nodiscard]] std::string name() const override {
    return fmt::format("webhook {}", net::redact_url(m_url));
  }

 private:
  std::string m_url;
  std::shared_ptr<net::HttpClient> m_client;
  Milliseconds m_timeout;
};

}  // namespace

std::unique_ptr<Messenger> make_log_messenger() {
  return std::make_unique<LogMessenger>();
}

std::unique_ptr<Messenger> make_exec_messenger(std::vector<std::string> words, Milliseconds timeout) {
  return std::make_unique<ExecMessenger>(std::move(words), timeout);
}

std::unique_ptr<Messenger> make_webhook_messenger(std::string url, std::shared_ptr<net::HttpClient> client,
                                                  Milliseconds timeout) {
  return std::make_unique<WebhookMessenger>(std::move(url), std::move(client), timeout);
}

std::unique_ptr<Messenger> make_messenger(const MessengerChoice& choice) {
  if (!choice.exec.empty() && !choice.webhook.empty()) {
    throw Error(ErrorCode::configuration,
                "a message goes to a program or to a webhook: give one of exec and webhook");
  }
  if (!choice.webhook.empty()) {
    // The operator names the URL, no event does: one's own network may be reached.
    return make_webhook_messenger(
        choice.webhook, net::open_http_client({.private_addresses = net::Allowed::yes}), choice.timeout);
  }
  if (choice.exec.empty()) return make_log_messenger();
  std::vector<std::string> words = split_words(choice.exec);
  if (words.empty()) throw Error(ErrorCode::configuration, "exec names no program");
  return make_exec_messenger(std::move(words), choice.timeout);
}

}  // namespace kbeat::upkeep
