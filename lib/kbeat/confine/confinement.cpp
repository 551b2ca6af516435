// Resource limits and a seccomp allow-list.
#include "kbeat/confine/confinement.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "kbeat/base/error.hpp"
#include "kbeat/base/handle.hpp"

namespace kbeat::confine {
namespace {

using Filter = Handle<void, seccomp_release>;

Error refused(const char* what, int error) {
  return {ErrorCode::internal,
          fmt::format(
              "cannot confine the decoder ({}): {}. It needs Linux with seccomp; analyze --in-process does "
              "without",
              what, std::generic_category().message(error))};
}

/// A parent that died before the signal was asked for shows by the broken pipe of the answer.
void tie_to_parent() {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) throw refused("death with the parent", errno);
  pollfd answer{STDOUT_FILENO, 0, 0};
  if (poll(&answer, 1, 0) == 1 && (answer.revents & POLLERR) != 0) throw refused("the parent is gone", EPIPE);
}

void limit(int resource, rlim_t soft, rlim_t hard, const char* name) {
  const rlimit limits{soft, hard};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &limits) != 0) throw refused(name, errno);
}

void set_limits(const Confinement& confinement) {
#ifndef KBEAT_SANITIZED
  limit(RLIMIT_AS, confinement.memory_bytes, confinement.memory_bytes, "memory");
#endif
  limit(RLIMIT_CPU, confinement.cpu_seconds, confinement.cpu_seconds + 1, "CPU time");
  limit(RLIMIT_FSIZE, 0, 0, "file size");
  limit(RLIMIT_NOFILE, 16, 16, "open files");
  limit(RLIMIT_CORE, 0, 0, "core dumps");
}

/// Memory, time, the own signals and the end: nothing that reaches out of the process.
constexpr std::array k_allowed{
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/// What libraries try on their own and can do without: refused, not deadly.
constexpr std::array k_declined{
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(access),
    SCMP_SYS(readlink),
    SCMP_SYS(ioctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(sched_getaffinity),
};

class FilterBuilder {
 public:
  FilterBuilder() : m_filter(seccomp_init(SCMP_ACT_KILL_PROCESS)) {
    if (!m_filter) throw refused("seccomp_init", ENOMEM);
  }

  template <typename... Conditions>
  void add(std::uint32_t action, int call, Conditions... conditions) {
    const int result = seccomp_rule_add(m_filter.get(), action, call, sizeof...(conditions), conditions...);
    if (result != 0) throw refused("seccomp_rule_add", -result);
  }

  void load() {
    if (const int result = seccomp_load(m_filter.get()); result != 0) throw refused("seccomp_load", -result);
  }

 private:
  Filter m_filter;
};

void load_filter() {
  FilterBuilder filter;
  for (const int call : k_allowed) filter.add(SCMP_ACT_ALLOW, call);
  for (const int call : k_declined) filter.add(SCMP_ACT_ERRNO(EACCES), call);
  const auto not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), not_executable);
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), not_executable);
  const auto of_input = SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO);
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(read), of_input);
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(pread64), of_input);
  // fstat of newer C libraries; on a path it could only tell that a file is there.
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), SCMP_A0(SCMP_CMP_LE, STDERR_FILENO));
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(output)));
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(writev), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(output)));
  }
  // abort() signals the own process, and no other may be signalled.
  filter.add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid())));
  filter.load();
}

}  // namespace
}  // namespace kbeat::confine

extern "C" void kbeat_confine_process(const kbeat::confine::Confinement& confinement) {
  using namespace kbeat::confine;
  tie_to_parent();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw refused("no_new_privs", errno);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) throw refused("dumpable", errno);
  set_limits(confinement);
  load_filter();
}
