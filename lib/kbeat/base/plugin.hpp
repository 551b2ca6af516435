// Loads the library's heavy parts on first use, so that a command that needs none of them starts at once.
#pragma once

#include <string>

namespace kbeat {

/// The address of `symbol` in `libkbeat_<name>.so.0`, which lies beside libkbeat.so, or of its build for this processor
/// in `glibc-hwcaps` there. The object stays loaded for the life of the process. Throws Error{internal} naming the file
/// when it is missing or not ours. Safe from any thread.
[[nodiscard]] void* plugin_symbol(const std::string& name, const char* symbol);

/// The same as a function, e.g. `plugin_function<int(int)>("net", "kbeat_f")`. The caller answers for the
/// type.
template <typename Function>
[[nodiscard]] Function* plugin_function(const std::string& name, const char* symbol) {
  return reinterpret_cast<Function*>(plugin_symbol(name, symbol));
}

}  // namespace kbeat
