#pragma once

#include <eucv/core/error.hpp>
#include <eucv/enrich/item.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/find_record.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/when_all.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eucv::enrich {

/// Returns the next name, or nothing after the last. Where it blocks, as on standard input, the whole stream waits.
using name_source = std::function<std::optional<std::string>()>;

namespace detail {

/// The state that the tasks of named_items() share.
template <net::transport Transport>
struct named_items_run {
  const name_source& names;
  const std::function<europeana::client<Transport>&()>& service;
  item_channel& items;
  net::semaphore reading{1};
  std::uint64_t given = 0;
  bool ended = false;
};

/// The item of a record id; it has a fault where the service does not know the record.
template <net::transport Transport>
net::task<item> item_of_record(europeana::client<Transport>& api, const std::string id) {
  item made{.name = id, .id = id};
  try {
    made = item_of(co_await europeana::find_record(api, id));
  } catch (const error& failure) {
    // These concern the one record; any other failure, such as a refused key, concerns all of them.
    if (failure.status() != 404 && failure.code() != errc::bad_record) throw;
    made.fault.emplace(failure);
  }
  co_return made;
}

/// One of the tasks of named_items(): reads a name and looks it up, until there are no more.
template <net::transport Transport>
net::task<void> name_items(named_items_run<Transport>& run) {
  while (true) {
    std::uint64_t place = 0;
    std::optional<std::string> name;
    {
      const auto reading = co_await run.reading.acquire(); // so that the places are in the order of the names
      co_await run.items.room(run.given);
      if (!run.ended) name = run.names();
      run.ended = !name;
      if (run.ended) co_return;
      place = run.given++;
    }
    item made{.name = *name};
    switch (kind_of(*name)) {
    case name_kind::file: made.file = *name; break;
    case name_kind::address: made.address = *name; break;
    case name_kind::record: made = co_await item_of_record(run.service(), record_id_of(*name)); break;
    }
    run.items.put(place, std::move(made));
  }
}

} // namespace detail

/// Puts the items of names into `items`, in the order of the names, and closes it: files, addresses, and record ids, of
/// which eight at a time are looked up by the Record API. `service` returns the client for that, and is called only for
/// record ids. An unknown record is an item with a fault. Throws as service::ask() does. Both functions must live until
/// the task ends.
template <net::transport Transport>
net::task<void> named_items(const name_source& names, const std::function<europeana::client<Transport>&()>& service,
                            item_channel& items) {
  detail::named_items_run<Transport> run{names, service, items};
  std::vector<net::task<void>> tasks;
  for (int i = 0; i < 8; ++i) tasks.push_back(detail::name_items(run));
  co_await net::when_all(std::move(tasks));
  items.close(run.given);
}

} // namespace eucv::enrich
