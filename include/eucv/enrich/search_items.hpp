#pragma once

#include <eucv/core/error.hpp>
#include <eucv/enrich/item.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/cursor.hpp>
#include <eucv/europeana/id_set.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/europeana/rights.hpp>
#include <eucv/net/http.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace eucv::enrich {

/// Limits of a search for items.
struct search_limits {
  /// Rights that are asked for, and checked for each item.
  europeana::reusability_set reuse{europeana::reusability::open};
  std::uint64_t most = 0; ///< items; 0: no limit
};

/// A search for records with a picture that match a Lucene expression, in the order of their ids, which stays the same
/// when the index changes.
[[nodiscard]] inline europeana::query picture_query(const std::string& expression, const search_limits& limits) {
  europeana::query what;
  what.match(expression)
      .filter("TYPE:IMAGE")
      .filter("provider_aggregation_edm_isShownBy:*")
      .reuse(limits.reuse)
      .with_media()
      .sort("europeana_id asc")
      .rows(limits.most == 0 ? 100 : static_cast<std::size_t>(std::min<std::uint64_t>(limits.most, 100)));
  return what;
}

/// Puts the items of a search into `items`, each record once, and closes it. Holds one page, and 64 bits for each id. A
/// malformed record, one without a picture or with other rights than asked for, is an item with a fault. Throws as
/// cursor::next() does, and errc::bad_cursor where the pages repeat endlessly.
template <net::transport Transport>
net::task<void> search_items(europeana::client<Transport>& api, europeana::query what, const search_limits limits,
                             item_channel& items) {
  europeana::cursor<Transport> pages(api, std::move(what));
  europeana::id_set seen;
  std::uint64_t given = 0, found = 0;
  const auto enough = [&] { return limits.most != 0 && given >= limits.most; };
  while (!enough()) {
    auto page = co_await pages.next();
    if (!page) break;
    found += page->items.size();
    if (found > 2 * page->total + 1000)
      throw error(errc::bad_cursor,
                  {"search Europeana", api.endpoint().str(),
                   "it gave " + std::to_string(found) + " items and counts " + std::to_string(page->total),
                   "try again later"});
    for (auto& each : page->items) {
      if (enough()) break;
      if (each && !seen.insert(each->id)) continue;
      item made{.name = "an item of the search"};
      if (!each) {
        made.fault = each.error();
      } else {
        const bool allowed = limits.reuse.empty() || limits.reuse.contains(each->reuse);
        const std::string rights = each->rights;
        made = item_of(std::move(*each));
        if (!allowed)
          made.fault.emplace(errc::bad_record,
                             error_text{"use the record", made.id, "its rights are not those asked for: " + rights,
                                        "leave it out, or ask for its rights"});
      }
      co_await items.room(given);
      items.put(given++, std::move(made));
    }
  }
  items.close(given);
}

} // namespace eucv::enrich
