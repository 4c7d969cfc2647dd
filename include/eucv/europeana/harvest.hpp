#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/cursor.hpp>
#include <eucv/europeana/detail/harvest_state.hpp>
#include <eucv/europeana/harvest_plan.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/when_all.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace eucv::europeana {

namespace detail {

/// The numbers of subjects by their URIs.
using label_numbers = std::unordered_map<std::string, std::size_t>;

/// What the tasks of one harvest share; all run on one thread.
template <net::transport Transport>
struct harvest_run {
  client<Transport>& api;
  const harvest_plan& plan;
  harvest_state& state;
  progress_sink sink;
  std::vector<std::uint64_t> wanted; ///< candidates that each subject is to have
  label_numbers labels;              ///< in the mode multi-label
  std::size_t next = 0;              ///< the first subject that no task has taken
  bool cut_off = false;              ///< the requests allowed are spent

  [[nodiscard]] bool multi() const noexcept { return plan.mode == harvest_mode::multi_label; }
  [[nodiscard]] std::uint64_t candidates(std::size_t subject) const {
    return state.of(subject).candidates + (multi() ? state.of(state.several(subject)).candidates : 0);
  }
  /// The same, of those that come before the next one of a search: items with several labels stand first.
  [[nodiscard]] std::uint64_t candidates_before(std::size_t search) const {
    return search < plan.subjects.size() ? candidates(search) : state.of(search).candidates;
  }
  /// Whether its items are more than a row each could be made of, so that reading them all would cost more than to ask
  /// for those with several labels.
  [[nodiscard]] bool is_large(std::size_t subject) const { return state.of(subject).first_total > plan.per_class; }
  /// The subjects that a large one is searched together with: the large ones after it, in the mode multi-label.
  [[nodiscard]] dataset::vocabulary large_after(std::size_t subject) const {
    dataset::vocabulary others;
    for (std::size_t i = subject + 1; multi() && is_large(subject) && i < plan.subjects.size(); ++i)
      if (is_large(i)) others.push_back(plan.subjects[i]);
    return others;
  }
  [[nodiscard]] query query_of(std::size_t search) const {
    const std::size_t subject = search % plan.subjects.size();
    return search == subject ? subject_query(plan, plan.subjects[subject])
                             : several_query(plan, plan.subjects[subject], large_after(subject));
  }
  void report(std::size_t subject) const {
    if (!sink) return;
    std::uint64_t done = 0;
    for (std::size_t i = 0; i < plan.subjects.size(); ++i)
      done += std::min<std::uint64_t>(candidates(i), plan.per_class);
    const std::string note = plan.subjects[subject].label + ": " + std::to_string(candidates(subject)) + " of " +
                             std::to_string(state.of(subject).total);
    sink({"harvest", done, plan.per_class * plan.subjects.size(), note});
  }
};

/// Sorts the items of a page into `after`; returns the candidates' lines. With `labels`, an item has those of all its
/// concepts besides.
[[nodiscard]] std::string sort_page(const page& found, const harvest_plan& plan, std::size_t subject,
                                    const label_numbers& labels, subject_state& after);

/// Turns the pages of search number `search`, for `subject`, until the subject has what is wanted, `pages` are turned,
/// the search is at its end, or the requests allowed are spent.
template <net::transport Transport>
net::task<void> harvest_search(harvest_run<Transport>& run, std::size_t search, std::size_t pages) {
  const std::size_t subject = search % run.plan.subjects.size();
  cursor<Transport> marks(run.api, run.query_of(search), run.state.of(search).mark);
  for (; pages > 0 && !run.state.of(search).finished() && run.candidates_before(search) < run.wanted[subject];
       --pages) {
    std::optional<page> found;
    try {
      found = co_await marks.next();
    } catch (const error& thrown) {
      if (thrown.code() != errc::budget_spent) throw;
      run.cut_off = true; // not thrown on: pages that are under way elsewhere are kept
      co_return;
    }
    subject_state after = run.state.of(search);
    std::string lines;
    if (found) lines = sort_page(*found, run.plan, subject, run.labels, after);
    if (after.mark == "*") after.first_total = after.total;
    after.mark = marks.mark();
    after.end = marks.end();
    if (!after.finished() && after.items() > 2 * after.total + 1000) after.end = cursor_end::overrun;
    run.state.append(search, lines, std::move(after));
    run.report(subject);
  }
}

/// All searches for a subject.
template <net::transport Transport>
net::task<void> harvest_subject(harvest_run<Transport>& run, std::size_t subject) {
  const auto all = static_cast<std::size_t>(-1);
  if (!run.large_after(subject).empty()) co_await harvest_search(run, run.state.several(subject), all);
  if (!run.cut_off) co_await harvest_search(run, subject, all);
}

/// The first page of a subject, which tells how many items it has.
template <net::transport Transport>
net::task<void> look_at_subject(harvest_run<Transport>& run, std::size_t subject) {
  if (run.state.of(subject).mark == "*") co_await harvest_search(run, subject, 1);
}

/// Takes one subject after the other until none is left, and does `work` with each.
template <net::transport Transport, class Work>
net::task<void> take_subjects(harvest_run<Transport>& run, Work work) {
  while (run.next < run.plan.subjects.size() && !run.cut_off) co_await work(run, run.next++);
}

/// Does `work` with all subjects, so many side by side as the plan says.
template <net::transport Transport, class Work>
net::task<void> for_all_subjects(harvest_run<Transport>& run, Work work) {
  run.next = 0;
  std::vector<net::task<void>> tasks;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(run.plan.concurrency, 1, run.plan.subjects.size()); ++i)
    tasks.push_back(take_subjects(run, work));
  co_await net::when_all(std::move(tasks));
}

/// The report of a harvest that was cut off.
template <net::transport Transport>
harvest_report unfinished(const harvest_run<Transport>& run, std::uint64_t requests) {
  harvest_report report;
  report.subjects = run.state.merge();
  report.requests = requests;
  report.complete = false;
  const std::uint64_t page_size = subject_query(run.plan, run.plan.subjects.front()).rows();
  for (std::size_t i = 0; i < run.wanted.size(); ++i) {
    const auto pages_left = [&](std::size_t search) -> std::uint64_t {
      const subject_state& state = run.state.of(search);
      const std::uint64_t have = run.candidates_before(search);
      if (state.finished() || have >= run.wanted[i]) return 0;
      const std::uint64_t missing = run.wanted[i] - have;
      const std::uint64_t there = state.mark == "*" ? missing : state.total - std::min(state.total, state.items());
      return std::max<std::uint64_t>(1, (std::min(missing, there) + page_size - 1) / page_size);
    };
    report.requests_left += pages_left(i);
    if (!run.large_after(i).empty())
      report.requests_left += std::min<std::uint64_t>(1, pages_left(run.state.several(i)));
  }
  return report;
}

} // namespace detail

/// Searches for every subject of a vocabulary and writes a table of the images found.
///
/// Subjects are searched side by side, each item is kept once, at the first subject of the vocabulary that has it, in
/// the mode multi-label with all its labels, and the rows stand in the order of the vocabulary and of the seeded
/// shuffle: with the same seed and the same index on the service's side the table is the same, byte for byte, however
/// many replies came late and however often the run was killed and begun again. When there is nothing left to do,
/// nothing is sent. Cancellation loses at most the pages under way. Where client_options::max_requests are spent, the
/// report says so (`complete`), no table is written yet, and the same call, by a client with requests to spend, goes
/// on.
///
/// In the mode multi-label each subject's rows are items with several labels first, as these are rare, then others. A
/// subject whose items are all read, since they are not more than `per_class`, needs no search for them: `edmConcept`
/// of each item tells. For the others there is one search a subject, for its items with any later one: several_query().
///
/// Throws what harvest_state and client::search() throw; what was found until then is kept, and the same call goes on.
template <net::transport Transport>
net::task<harvest_report> harvest(client<Transport>& api, harvest_plan plan, progress_sink sink = {}) {
  harvest_state state(plan, api.endpoint().str());
  if (state.done()) co_return *state.done();
  const std::uint64_t before = api.requests();
  const std::size_t count = plan.subjects.size();
  detail::harvest_run<Transport> run{
      api, plan, state, std::move(sink), std::vector<std::uint64_t>(count, plan.per_class), {}};
  if (run.multi()) {
    for (std::size_t i = 0; i < count; ++i) run.labels.emplace(dataset::normalise_concept_uri(plan.subjects[i].uri), i);
    // What is to be asked depends on how many items each subject has, and on nothing else: a resumed run asks the same.
    co_await detail::for_all_subjects(run, detail::look_at_subject<Transport>);
    if (run.cut_off) co_return detail::unfinished(run, api.requests() - before);
  }

  for (bool short_of_rows = true; short_of_rows;) {
    co_await detail::for_all_subjects(run, detail::harvest_subject<Transport>);
    if (run.cut_off) co_return detail::unfinished(run, api.requests() - before);
    // Items that an earlier subject has as well are made up for. That takes rounds: what one subject gains, a later one
    // may lose. An earlier subject never gives an item back, so no page is fetched in vain, and the rounds end.
    const auto merged = state.merge();
    short_of_rows = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (merged[i].rows >= plan.per_class || state.of(i).finished()) continue;
      run.wanted[i] = run.candidates(i) + plan.per_class - merged[i].rows;
      short_of_rows = true;
    }
  }
  harvest_report report = state.finish();
  report.requests = api.requests() - before;
  co_return report;
}

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
namespace eucv::europeana::detail {

std::string sort_page(const page& found, const harvest_plan& plan, std::size_t subject, const label_numbers& labels,
                      subject_state& after) {
  std::string lines;
  std::vector<std::size_t> numbers;
  after.total = found.total;
  for (const auto& item : found.items) {
    if (!item)
      ++after.malformed;
    else if (item->type != "IMAGE" || item->image.empty())
      ++after.without_image;
    else if (!plan.reuse.empty() && !plan.reuse.contains(item->reuse))
      ++after.refused_rights;
    else {
      numbers.assign(1, subject);
      if (!labels.empty())
        for (const auto& uri : item->concepts)
          if (const auto label = labels.find(dataset::normalise_concept_uri(uri)); label != labels.end())
            numbers.push_back(label->second);
      std::ranges::sort(numbers);
      numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
      lines += candidate_line(numbers, *item);
      ++after.candidates;
    }
  }
  return lines;
}

} // namespace eucv::europeana::detail
#endif
