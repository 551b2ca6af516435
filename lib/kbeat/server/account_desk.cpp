// Logging in, tokens and the audit, over one connection to the store.
#include "kbeat/server/account_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/handlers/body_reader.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/server/audit_trail.hpp"
#include "kbeat/server/password.hpp"

namespace kbeat::server {
namespace {

constexpr Milliseconds k_memory{1000};
constexpr Milliseconds k_failure_memory{60'000};
constexpr std::size_t k_most_remembered = 10'000;

HttpResponse wrong_credentials() {
  return problem(401, "email or password is wrong");
}

}  // namespace

std::optional<Role> role_of(std::string_view name) {
  if (name == "read") return Role::read;
  if (name == "ingest") return Role::ingest;
  if (name == "admin") return Role::admin;
  return std::nullopt;
}

AccountDesk::AccountDesk(AccountOptions options, Clock& clock)
    : m_options(std::move(options)),
      m_clock(clock),
      m_api_token_hash(m_options.api_token.empty() ? std::string() : sha256(m_options.api_token)),
      m_accounts(store::open_accounts(m_options.data_dir)) {}

std::optional<Caller> AccountDesk::caller_of(std::string_view token) {
  // Looked up by its hash, a token tells a guesser nothing by the time that it takes.
  const std::string hash = sha256(token);
  if (!m_api_token_hash.empty() && hash == m_api_token_hash) return Caller{"api-token", Role::admin};
  const std::lock_guard lock(m_mutex);
  const SteadyTime now = m_clock.steady();
  if (const auto found = m_remembered.find(hash); found != m_remembered.end() && found->second.until > now)
    return found->second.caller;
  std::optional<Caller> caller;
  if (const auto owner = m_accounts->owner_of(hash))
    caller = Caller{owner->email, role_of(owner->role).value_or(Role::nobody)};
  if (m_remembered.size() >= k_most_remembered) m_remembered.clear();
  m_remembered[hash] = {caller, now + k_memory};
  return caller;
}

bool AccountDesk::guards_writes() {
  if (!m_api_token_hash.empty()) return true;
  const std::lock_guard lock(m_mutex);
  const SteadyTime now = m_clock.steady();
  if (now >= m_users_until) {
    m_has_users = !m_accounts->all().empty();
    m_users_until = now + k_memory;
  }
  return m_has_users;
}

int AccountDesk::begin_try(const PeerAndUser& who) {
  const SteadyTime now = m_clock.steady();
  int wait = 0;
  for (const std::string& one : who) {
    const auto found = m_tries.find(one);
    if (found == m_tries.end()) continue;
    Tries& tries = found->second;
    if (now - tries.since > k_failure_memory) tries.failures = 0;
    if (tries.failures + tries.in_hand < m_options.failures_a_minute) continue;
    wait = std::max(wait, tries.failures < m_options.failures_a_minute ? 1 : 60);
  }
  if (wait > 0) return wait;
  if (m_tries.size() >= k_most_remembered)
    std::erase_if(m_tries, [](const auto& entry) { return entry.second.in_hand == 0; });
  for (const std::string& one : who) ++m_tries[one].in_hand;
  return 0;
}

void AccountDesk::settle_try(const PeerAndUser& who, Result result) {
  const std::lock_guard lock(m_mutex);
  for (const std::string& one : who) {
    Tries& tries = m_tries[one];
    --tries.in_hand;
    if (result == Result::wrong && tries.failures++ == 0) tries.since = m_clock.steady();
  }
  // An account whose password is known starts anew; a peer that knows one may guess at others.
  if (result == Result::right) m_tries[who.back()].failures = 0;
  for (const std::string& one : who) {
    if (const Tries& tries = m_tries[one]; tries.in_hand == 0 && tries.failures == 0) m_tries.erase(one);
  }
}

AccountDesk::Result AccountDesk::check(const PeerAndUser& who, const std::optional<store::User>& user,
                                       const std::string& password) {
  struct Try {
    AccountDesk& desk;
    const PeerAndUser& who;
    Result result = Result::wrong;
    ~Try() { desk.settle_try(who, result); }
  } begun{*this, who};
  // Of somebody who does not exist; hashed all the same, so that the time does not tell who does.
  static const std::string k_nobody = hash_password(make_token());
  const bool right = matches_password(user ? user->password_hash : k_nobody, password);
  if (user && right) begun.result = Result::right;
  return begun.result;
}

HttpResponse AccountDesk::log_in(HttpRequest& request) {
  if (!is_json(request.body)) return problem(400, "give {\"email\",\"password\"} as JSON");
  handlers::BodyReader body(request.body);
  const std::string email = body.text("email");
  const std::string password = body.text("password");
  if (body.rejection()) return problem(400, body.rejection()->reason);
  // Counted before the slow part: of many tries at once, no more than the limit are looked at.
  const PeerAndUser who{"peer " + request.peer, "user " + email};
  std::optional<store::User> user;
  {
    const std::lock_guard lock(m_mutex);
    user = m_accounts->find(email);
    if (const int wait = begin_try(who)) return problem_for_now(429, "too many attempts to log in", wait);
  }
  // For the audit, and known names only: people type their password into the wrong field.
  if (user) request.caller.name = user->email;
  if (check(who, user, password) == Result::wrong) return wrong_credentials();
  const std::string token = make_token();
  const WallTime expires = m_clock.now() + m_options.token_life;
  {
    const std::lock_guard lock(m_mutex);
    m_accounts->add_token(sha256(token), user->email, expires);
  }
  return {.body = fmt::format("{{\"token\":\"{}\",\"expires_at\":\"{}\",\"role\":\"{}\"}}\n", token,
                              to_rfc3339(expires), user->role),
          .headers = {{"Cache-Control", "no-store"}}};
}

void AccountDesk::note(const HttpRequest& request, int status) {
  const std::array<store::AuditRow, 1> rows{audit_row(request, status, m_clock.now())};
  const std::lock_guard lock(m_mutex);
  m_accounts->note(rows);
}

void AccountDesk::add_routes(Router& router) {
  router.add({.method = "POST",
              .pattern = "/api/auth/login",
              .needs = Role::nobody,
              .runs = Runs::waiting,
              .summary = "a bearer token for email and password",
              .handler = [this](HttpRequest request, const Reply& reply) {
                HttpResponse response = log_in(request);
                note(request, response.status);
                reply(std::move(response));
              }});
}

}  // namespace kbeat::server
