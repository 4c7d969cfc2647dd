#pragma once

#include "program/table_text.hpp"

#include <eucv/download/journal.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace program {

namespace detail {

/// What to do about most failures of a reason.
inline std::string_view advice_for(std::string_view reason) {
  if (reason == "dns" || reason == "connect_failed" || reason == "timeout" || reason == "connection_reset")
    return "check the network, and run again later with --retry-failed";
  if (reason == "http_429" || reason == "http_503")
    return "the hosts are overloaded: run again later with --retry-failed, a lower --per-host or a --delay";
  if (reason == "http_403" || reason == "http_401" || reason.starts_with("robots_"))
    return "the hosts do not want this: ask their owners, and say who you are with --contact";
  if (reason == "http_404" || reason == "http_410")
    return "the addresses have gone: harvest anew, or fetch thumbnails with --source thumbnail";
  if (reason == "not_an_image" || reason == "unsupported_image")
    return "look at some addresses in a browser: they may lead to pages, or to formats that are not read";
  if (reason == "private_address")
    return "the addresses lead into a private network; --allow-private-addresses is for tables that you trust";
  return "look at downloads.csv, and run again with --retry-failed";
}

} // namespace detail

/// Lines about failures that are unusual: more than one in ten of more than 20 items, or all of a host with 10 or more.
inline std::vector<std::string> download_warnings(const eucv::download::fetch_summary& done) {
  std::vector<std::string> lines;
  const auto worst = std::ranges::max_element(done.reasons, {}, [](const auto& entry) { return entry.second; });
  if (worst == done.reasons.end()) return lines;
  if (done.items > 20 && done.failed * 10 > done.items)
    lines.push_back(std::to_string(done.failed) + " of " + counted(done.items, "item") + " failed, most often by " +
                    worst->first + "; " + std::string(detail::advice_for(worst->first)));
  constexpr std::size_t shown = 3;
  std::size_t dead = 0;
  for (const auto& host : done.hosts) {
    if (host.items < 10 || host.failed < host.items) continue;
    if (++dead <= shown)
      lines.push_back("all " + counted(host.items, "item") + " of the host " +
                      (host.name.empty() ? "\"\"" : host.name) + " failed; its rows in downloads.csv say why");
  }
  if (dead > shown) lines.push_back("so did all items of " + counted(dead - shown, "other host"));
  return lines;
}

} // namespace program
