// One look into the dedupe marks.
#include "kbeat/pipeline/done_before.hpp"

#include <utility>

namespace kbeat::pipeline {

DoneBefore::DoneBefore(std::function<std::unique_ptr<store::Store>()> open_store, GroupId group)
    : m_open_store(std::move(open_store)), m_group(std::move(group)) {}

bool DoneBefore::operator()(std::string_view handler, const std::string& identity) {
  store::Store* store = nullptr;
  {
    const std::scoped_lock lock(m_mutex);
    std::unique_ptr<store::Store>& own = m_stores[std::this_thread::get_id()];
    if (!own) own = m_open_store();
    store = own.get();
  }
  return store->outcomes().find_marks(m_group, std::string(handler), {&identity, 1}).front();
}

}  // namespace kbeat::pipeline
