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

/// Gives names one after the other, nothing at the end. While it blocks, on standard input say, everything waits.
using name_source = std::function<std::optional<std::string>()>;

namespace detail {

/// What the tasks of named_items() share.
template <net::transport Transport>
struct naming {
  const name_source& names;
  const std::function<europeana::client<Transport>&()>& service;
  item_channel& items;
  net::semaphore reading{1};
  std::uint64_t given = 0;
  bool ended = false;
};

/// The item of a record id, one with a fault where the service does not know it.
template <net::transport Transport>
net::task<item> item_of_record(europeana::client<Transport>& api, const std::string id) {
  item made{.name = id, .id = id};
  try {
    made = item_of(co_await europeana::find_record(api, id));
  } catch (const error& failure) {
    // What is about the one record; a refused key, say, is about all of them.
    if (failure.status() != 404 && failure.code() != errc::bad_record) throw;
    made.fault.emplace(failure);
  }
  co_return made;
}

template <net::transport Transport>
net::task<void> name_items(naming<Transport>& run) {
  while (true) {
    std::uint64_t place = 0;
    std::optional<std::string> name;
    {
      const auto turn = co_await run.reading.acquire(); // so that the places follow the names
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

/// Gives the items that names stand for to `items`, in their order, and closes it: files, addresses, and ids of
/// records, of which eight are looked up at a time by the Record API. `service` gives the client for that, and is
/// called for the first id. An unknown record is an item with a fault. Throws what service::ask() throws. Both
/// functions must live until the task ends.
template <net::transport Transport>
net::task<void> named_items(const name_source& names, const std::function<europeana::client<Transport>&()>& service,
                            item_channel& items) {
  detail::naming<Transport> run{names, service, items};
  std::vector<net::task<void>> tasks;
  for (int i = 0; i < 8; ++i) tasks.push_back(detail::name_items(run));
  co_await net::when_all(std::move(tasks));
  items.close(run.given);
}

} // namespace eucv::enrich
