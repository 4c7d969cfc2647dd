#pragma once

#include <eucv/europeana/client.hpp>
#include <eucv/europeana/harvest_plan.hpp>
#include <eucv/europeana/page.hpp>
#include <eucv/europeana/rights.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/when_all.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// The number of images of a subject, as the service counts them.
struct subject_estimate {
  std::string label, uri;
  std::uint64_t total = 0; ///< under all rights that were asked for
  /// By rights, in the order of all_reusabilities; 0 for rights that were not asked for.
  std::array<std::uint64_t, all_reusabilities.size()> totals{};
  /// By rights statement, the most frequent first; empty where the service gives no facets.
  std::vector<facet_value> statements = {};
};

namespace detail {

/// The state that the tasks of estimate() share.
template <net::transport Transport>
struct estimate_run {
  client<Transport>& api;
  const harvest_plan& plan;
  std::vector<subject_estimate> found;
  std::size_t next = 0;

  [[nodiscard]] query total_query(std::size_t subject, reusability_set reuse) const {
    query what = subject_query(plan, plan.subjects[subject]);
    what.reuse(reuse).profile("minimal").rows(0).facet("RIGHTS", 1000);
    return what;
  }
};

/// A task of estimate(): counts subjects until none is left. One request is enough where the service gives a facet of
/// the rights statements; without facets there is one for each of the rights.
template <net::transport Transport>
net::task<void> ask_totals(estimate_run<Transport>& run) {
  while (run.next < run.plan.subjects.size()) {
    const std::size_t subject = run.next++;
    subject_estimate& into = run.found[subject];
    const query all = run.total_query(subject, run.plan.reuse);
    const page answer = co_await run.api.search(all, "");
    into.total = answer.total;
    if (const auto rights = answer.facets.find("RIGHTS"); rights != answer.facets.end() || answer.total == 0) {
      if (rights != answer.facets.end()) into.statements = rights->second;
      for (const auto& [statement, count] : into.statements)
        into.totals[static_cast<std::size_t>(reusability_of(statement))] += count;
      continue;
    }
    for (const reusability word : all_reusabilities) {
      if (!run.plan.reuse.empty() && !run.plan.reuse.contains(word)) continue;
      if (run.plan.reuse == reusability_set{word}) {
        into.totals[static_cast<std::size_t>(word)] = answer.total;
        continue;
      }
      const query one = run.total_query(subject, {word});
      const page part = co_await run.api.search(one, "");
      into.totals[static_cast<std::size_t>(word)] = part.total;
    }
  }
}

} // namespace detail

/// Counts what a harvest would find: the images of each subject, by rights. One request a subject, and one more for
/// each of the rights where the service gives no facets; nothing is written. Items of several subjects are counted at
/// each. Throws as client::search() does. The client must live until the task ends.
template <net::transport Transport>
net::task<std::vector<subject_estimate>> estimate(client<Transport>& api, harvest_plan plan) {
  detail::estimate_run<Transport> run{api, plan, {}};
  for (const auto& subject : plan.subjects)
    run.found.push_back({subject.label, dataset::normalise_concept_uri(subject.uri)});
  std::vector<net::task<void>> tasks;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(plan.concurrency, 1, plan.subjects.size() + 1); ++i)
    tasks.push_back(detail::ask_totals(run));
  co_await net::when_all(std::move(tasks));
  co_return std::move(run.found);
}

/// The number of requests of a harvest after that estimate. Exact where no item is refused or belongs to two subjects
/// and, in the mode multi-label, no subject has more than 100 items with several labels; else a few more are needed.
[[nodiscard]] inline std::uint64_t requests_of(const std::vector<subject_estimate>& found, const harvest_plan& plan) {
  constexpr std::uint64_t page_size = 100;
  std::uint64_t sum = 0, large = 0;
  for (const auto& subject : found) {
    const std::uint64_t rows = std::min<std::uint64_t>(subject.total, plan.per_class);
    sum += (rows + page_size - 1) / page_size;
    if (subject.total < plan.per_class) ++sum; // the empty page that ends a search
    if (subject.total > plan.per_class) ++large;
  }
  // A page, and the empty one after it, for each large subject but the last: several_query().
  if (plan.mode == harvest_mode::multi_label && large > 1) sum += 2 * (large - 1);
  return sum;
}

} // namespace eucv::europeana
