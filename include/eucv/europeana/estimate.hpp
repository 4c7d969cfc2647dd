#pragma once

#include <eucv/europeana/client.hpp>
#include <eucv/europeana/harvest_plan.hpp>
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

/// How many images the service has for a subject.
struct subject_estimate {
  std::string label, uri;
  /// By rights, in the order of all_reusabilities; 0 for rights that were not asked for.
  std::array<std::uint64_t, all_reusabilities.size()> totals{};
};

namespace detail {

template <net::transport Transport>
struct estimate_run {
  client<Transport>& api;
  const harvest_plan& plan;
  std::vector<subject_estimate> found;
  std::vector<std::pair<std::size_t, reusability>> questions; ///< subject and rights
  std::size_t next = 0;
};

template <net::transport Transport>
net::task<void> ask_total(estimate_run<Transport>& run) {
  const auto [subject, word] = run.questions[run.next++];
  query what = subject_query(run.plan, run.plan.subjects[subject]);
  what.reuse({word}).profile("minimal").rows(0);
  const page answer = co_await run.api.search(what, "");
  run.found[subject].totals[static_cast<std::size_t>(word)] = answer.total;
}

template <net::transport Transport>
net::task<void> ask_totals(estimate_run<Transport>& run) {
  while (run.next < run.questions.size()) co_await ask_total(run);
}

} // namespace detail

/// What a harvest would find: the number of images of each subject under each of the rights asked for. One request
/// without rows for each pair; nothing is written. Items that belong to several subjects are counted at each.
template <net::transport Transport>
net::task<std::vector<subject_estimate>> estimate(client<Transport>& api, harvest_plan plan) {
  detail::estimate_run<Transport> run{api, plan, {}, {}};
  for (std::size_t i = 0; i < plan.subjects.size(); ++i) {
    run.found.push_back({plan.subjects[i].label, dataset::normalise_concept_uri(plan.subjects[i].uri)});
    for (const reusability word : all_reusabilities)
      if (plan.reuse.empty() || plan.reuse.contains(word)) run.questions.emplace_back(i, word);
  }
  if (!run.questions.empty()) co_await detail::ask_total(run); // alone, so that a wrong key costs one request
  std::vector<net::task<void>> tasks;
  for (std::size_t i = 0;
       i < std::clamp<std::size_t>(plan.concurrency, 1, std::max<std::size_t>(run.questions.size(), 1)); ++i)
    tasks.push_back(detail::ask_totals(run));
  co_await net::when_all(std::move(tasks));
  co_return std::move(run.found);
}

} // namespace eucv::europeana
