#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/cursor.hpp>
#include <eucv/europeana/detail/harvest_state.hpp>
#include <eucv/europeana/harvest_plan.hpp>
#include <eucv/net/client.hpp>
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

/// The numbers of the subjects of a vocabulary by their URIs.
using label_numbers = std::unordered_map<std::string, std::size_t>;

/// The state that the tasks of one harvest share. All run on one thread.
template <net::transport Transport>
struct harvest_run {
  client<Transport>& api;
  const harvest_plan& plan;
  harvest_state& state;
  progress_sink sink;
  std::vector<std::uint64_t> wanted; ///< candidates to collect for each subject
  label_numbers labels;              ///< empty in the mode single-label
  std::size_t next = 0;              ///< the first subject that no task has taken
  bool cut_off = false;              ///< whether the allowed requests are used up

  /// Whether items keep all of their labels.
  [[nodiscard]] bool multi() const noexcept { return plan.mode == harvest_mode::multi_label; }
  /// Candidates of a subject, from both of its searches.
  [[nodiscard]] std::uint64_t candidates(std::size_t subject) const {
    return state.of(subject).candidates + (multi() ? state.of(state.several(subject)).candidates : 0);
  }
  /// Candidates of a subject that come before the next one of a search: items with several labels come first.
  [[nodiscard]] std::uint64_t candidates_before(std::size_t search) const {
    return search < plan.subjects.size() ? candidates(search) : state.of(search).candidates;
  }
  /// Whether a subject has more items than rows are wanted: then a search for those with several labels takes fewer
  /// requests than reading all of them.
  [[nodiscard]] bool is_large(std::size_t subject) const { return state.of(subject).first_total > plan.per_class; }
  /// The subjects that the search for items with several labels combines with a large one: the large ones after it.
  [[nodiscard]] dataset::vocabulary large_after(std::size_t subject) const {
    dataset::vocabulary others;
    for (std::size_t i = subject + 1; multi() && is_large(subject) && i < plan.subjects.size(); ++i)
      if (is_large(i)) others.push_back(plan.subjects[i]);
    return others;
  }
  /// The query of a search.
  [[nodiscard]] query query_of(std::size_t search) const {
    const std::size_t subject = search % plan.subjects.size();
    return search == subject ? subject_query(plan, plan.subjects[subject])
                             : several_query(plan, plan.subjects[subject], large_after(subject));
  }
  /// Reports the progress, with a note about a subject.
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

/// Sorts the items of a page: counts them in `after`, and returns the lines of the candidates. With `labels`, a
/// candidate also gets the labels of all its concepts.
[[nodiscard]] std::string sort_page(const page& found, const harvest_plan& plan, std::size_t subject,
                                    const label_numbers& labels, subject_state& after);

/// Reads the pages of search number `search` until its subject has enough candidates, `pages` pages are read, the
/// search ends, or the allowed requests are used up.
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
      run.cut_off = true; // not rethrown: other tasks keep the pages that are under way
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

/// Runs all searches for a subject.
template <net::transport Transport>
net::task<void> harvest_subject(harvest_run<Transport>& run, std::size_t subject) {
  const auto all = static_cast<std::size_t>(-1);
  if (!run.large_after(subject).empty()) co_await harvest_search(run, run.state.several(subject), all);
  if (!run.cut_off) co_await harvest_search(run, subject, all);
}

/// Reads the first page of a subject, for the number of its items.
template <net::transport Transport>
net::task<void> read_first_page(harvest_run<Transport>& run, std::size_t subject) {
  if (run.state.of(subject).mark == "*") co_await harvest_search(run, subject, 1);
}

/// One of the tasks of for_all_subjects(): calls work(run, subject) until no subject is left.
template <net::transport Transport, class Work>
net::task<void> take_subjects(harvest_run<Transport>& run, Work work) {
  while (run.next < run.plan.subjects.size() && !run.cut_off) co_await work(run, run.next++);
}

/// Calls work(run, subject) for all subjects, harvest_plan::concurrency of them at a time.
template <net::transport Transport, class Work>
net::task<void> for_all_subjects(harvest_run<Transport>& run, Work work) {
  run.next = 0;
  std::vector<net::task<void>> tasks;
  for (std::size_t i = 0; i < std::clamp<std::size_t>(run.plan.concurrency, 1, run.plan.subjects.size()); ++i)
    tasks.push_back(take_subjects(run, work));
  co_await net::when_all(std::move(tasks));
}

/// The report of an incomplete harvest.
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

/// Harvests a vocabulary: searches for the images of every subject and writes a table of them.
///
/// Several subjects are searched at a time. Each item is kept once, at the first subject of the vocabulary that has it,
/// with all its labels in the mode multi-label. Rows are in the order of the vocabulary and of the seeded shuffle: the
/// same seed and the same index of the service give the same table, byte for byte, for any order of replies and any
/// number of interruptions. A complete harvest sends nothing. A cancellation loses at most the pages under way. Where
/// client_options::max_requests are used up, the report says so (`complete`), no table is written, and the same call
/// with another client continues.
///
/// In the mode multi-label the rows of a subject are first its items with several labels, which are rare, then others.
/// A subject with at most `per_class` items is read completely, and `edmConcept` of each item gives its labels. For
/// each larger subject there is one more search, for its items that also have a later subject: several_query().
///
/// Throws as harvest_state and client::search() do; the candidates so far are kept, and the same call continues. The
/// client must live until the task ends.
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
    // The searches depend on the number of items of each subject alone, so a resumed run does the same ones.
    co_await detail::for_all_subjects(run, detail::read_first_page<Transport>);
    if (run.cut_off) co_return detail::unfinished(run, api.requests() - before);
  }

  for (bool rows_missing = true; rows_missing;) {
    co_await detail::for_all_subjects(run, detail::harvest_subject<Transport>);
    if (run.cut_off) co_return detail::unfinished(run, api.requests() - before);
    // Rows that a subject lost to an earlier one are replaced, in rounds: a row that one subject gains, a later one may
    // lose. An earlier subject never gives an item back, so every page is needed, and the rounds end.
    const auto merged = state.merge();
    rows_missing = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (merged[i].rows >= plan.per_class || state.of(i).finished()) continue;
      run.wanted[i] = run.candidates(i) + plan.per_class - merged[i].rows;
      rows_missing = true;
    }
  }
  harvest_report report = state.finish();
  report.requests = api.requests() - before;
  co_return report;
}

// For the client of this library it is compiled once, with the implementation.
extern template net::task<harvest_report> harvest(client<net::client>&, harvest_plan, progress_sink);

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

template eucv::net::task<eucv::europeana::harvest_report>
eucv::europeana::harvest(eucv::europeana::client<eucv::net::client>&, eucv::europeana::harvest_plan,
                         eucv::progress_sink);
#endif
