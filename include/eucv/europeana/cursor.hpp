#pragma once

#include <eucv/europeana/client.hpp>
#include <eucv/europeana/page.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/net/http.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace eucv::europeana {

/// Why a cursor has no more pages.
enum class cursor_end : std::uint8_t {
  none,          ///< it has more
  no_mark,       ///< the page had no mark of a next one
  empty_page,    ///< the page had no item
  repeated_mark, ///< the next mark was the one just sent, which also means "last page"
  loop,          ///< the next mark was sent before: pages repeat, and may be incomplete
  overrun,       ///< far more items came than the service counts: pages repeat under new marks
};

/// The stable word of an end, for state files and reports.
[[nodiscard]] constexpr std::string_view to_string(cursor_end end) noexcept {
  switch (end) {
  case cursor_end::none: return "none";
  case cursor_end::no_mark: return "no_mark";
  case cursor_end::empty_page: return "empty_page";
  case cursor_end::repeated_mark: return "repeated_mark";
  case cursor_end::loop: return "loop";
  case cursor_end::overrun: return "overrun";
  }
  return "none";
}

/// An iterator over the pages of a search.
///
///     cursor pages(api, what);
///     while (auto found = co_await pages.next()) use(*found);
///
/// The mark is its whole state: a cursor made with the mark of another one and the same query continues there, even
/// days later. One next() at a time; the client must outlive it.
template <net::transport Transport>
class cursor {
public:
  /// A cursor that begins at `mark`, by default at the first page.
  explicit cursor(client<Transport>& api, query what, std::string mark = "*")
      : api_(&api), what_(std::move(what)), mark_(std::move(mark)) {}

  /// The next page, or nothing after the last one. Throws as client::search() does, and can be called again then.
  net::task<std::optional<page>> next() {
    if (done()) co_return std::nullopt;
    page found = co_await api_->search(what_, mark_);
    if (found.items.empty()) {
      end_ = cursor_end::empty_page;
      co_return std::nullopt;
    }
    seen_.insert(std::hash<std::string>{}(mark_));
    if (found.next.empty())
      end_ = cursor_end::no_mark;
    else if (found.next == mark_)
      end_ = cursor_end::repeated_mark;
    else if (seen_.contains(std::hash<std::string>{}(found.next)))
      end_ = cursor_end::loop;
    else
      mark_ = found.next;
    co_return std::move(found);
  }

  /// Whether there are no more pages.
  [[nodiscard]] bool done() const noexcept { return end_ != cursor_end::none; }
  /// Why there are no more pages.
  [[nodiscard]] cursor_end end() const noexcept { return end_; }
  /// The mark of the next page.
  [[nodiscard]] const std::string& mark() const noexcept { return mark_; }

private:
  client<Transport>* api_;
  query what_;
  std::string mark_;
  cursor_end end_ = cursor_end::none;
  std::unordered_set<std::size_t> seen_; // hashes of the marks that were sent: 10,000 pages cost 1 MB
};

} // namespace eucv::europeana
