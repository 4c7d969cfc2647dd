#pragma once

#include "program/table_text.hpp"

#include <eucv/download/diagnosis.hpp>
#include <eucv/download/journal.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace program {

namespace detail {

/// An advice in words of the command line.
inline std::string_view text_of(eucv::download::failure_advice advice) {
  using enum eucv::download::failure_advice;
  switch (advice) {
  case check_network: return "check the network, and run again later with --retry-failed";
  case slow_down:
    return "the hosts are overloaded: run again later with --retry-failed, a lower --per-host or a --delay";
  case ask_owners: return "the hosts do not want this: ask their owners, and say who you are with --contact";
  case find_anew: return "the addresses have gone: harvest anew, or fetch thumbnails with --source thumbnail";
  case look_at_addresses:
    return "look at some addresses in a browser: they may lead to pages, or to formats that are not read";
  case trust_table:
    return "the addresses lead into a private network; --allow-private-addresses is for tables that you trust";
  case look_at_journal: return "look at downloads.csv, and run again with --retry-failed";
  }
  return "";
}

} // namespace detail

/// Lines about what is unusual in a download.
inline std::vector<std::string> download_warnings(const eucv::download::fetch_summary& done) {
  std::vector<std::string> lines;
  const auto found = eucv::download::diagnose(done);
  if (found.many_failed)
    lines.push_back(std::to_string(done.failed) + " of " + counted(done.items, "item") + " failed, most often by " +
                    found.reason + "; " + std::string(detail::text_of(found.advice)));
  constexpr std::size_t shown = 3;
  for (const auto& host : found.dead_hosts) {
    if (lines.size() == shown + (found.many_failed ? 1 : 0)) break;
    lines.push_back("all " + counted(host.items, "item") + " of the host " + (host.name.empty() ? "\"\"" : host.name) +
                    " failed; its rows in downloads.csv say why");
  }
  if (found.dead_hosts.size() > shown)
    lines.push_back("so did all items of " + counted(found.dead_hosts.size() - shown, "other host"));
  return lines;
}

} // namespace program
