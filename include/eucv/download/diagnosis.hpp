#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/download/journal.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::download {

/// What to do about the failures of a download that have one reason.
enum class failure_advice : std::uint8_t {
  check_network,     ///< names are not found, connections fail or break: try again when the network is well
  slow_down,         ///< the hosts are overloaded: later, with fewer requests to each
  ask_owners,        ///< the hosts refuse programs, or this one
  find_anew,         ///< the addresses have gone
  look_at_addresses, ///< what comes is no picture, or none that is read
  trust_table,       ///< the addresses lead into a private network, which is allowed for trusted tables alone
  look_at_journal,   ///< anything else: downloads.csv says more
};

/// The advice for a reason of failure, a word of the column `reason` in downloads.csv.
[[nodiscard]] failure_advice advice_for(std::string_view reason) noexcept;

/// What is unusual about a download.
struct diagnosis {
  bool many_failed = false;                                ///< more than one in ten of more than 20 items
  std::string reason = {};                                 ///< the most frequent one of failures; empty: none failed
  failure_advice advice = failure_advice::look_at_journal; ///< for that reason
  std::vector<host_count> dead_hosts = {};                 ///< of which 10 or more items were asked for, and all failed
};

/// Finds what is unusual about a download, for a person who is to look at it. Of equally frequent reasons the first by
/// name counts.
[[nodiscard]] diagnosis diagnose(const fetch_summary& done);

} // namespace eucv::download

#ifdef EUCV_IMPLEMENTATION_DOWNLOAD
#include <algorithm>

namespace eucv::download {

failure_advice advice_for(std::string_view reason) noexcept {
  if (reason == "dns" || reason == "connect_failed" || reason == "timeout" || reason == "connection_reset")
    return failure_advice::check_network;
  if (reason == "http_429" || reason == "http_503") return failure_advice::slow_down;
  if (reason == "http_403" || reason == "http_401" || reason.starts_with("robots_")) return failure_advice::ask_owners;
  if (reason == "http_404" || reason == "http_410") return failure_advice::find_anew;
  if (reason == "not_an_image" || reason == "unsupported_image") return failure_advice::look_at_addresses;
  if (reason == "private_address") return failure_advice::trust_table;
  return failure_advice::look_at_journal;
}

diagnosis diagnose(const fetch_summary& done) {
  diagnosis found;
  found.many_failed = done.items > 20 && done.failed * 10 > done.items;
  if (const auto worst = std::ranges::max_element(done.reasons, {}, [](const auto& entry) { return entry.second; });
      worst != done.reasons.end()) {
    found.reason = worst->first;
    found.advice = advice_for(worst->first);
  }
  for (const auto& host : done.hosts)
    if (host.items >= 10 && host.failed >= host.items) found.dead_hosts.push_back(host);
  return found;
}

} // namespace eucv::download
#endif
