#pragma once

#include <eucv/core/progress.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/cursor.hpp>
#include <eucv/europeana/harvest_plan.hpp>
#include <eucv/europeana/harvest_state.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/when_all.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eucv::europeana {

namespace detail {

/// What the tasks of one harvest share; all run on one thread.
template <net::transport Transport>
struct harvest_run {
  client<Transport>& api;
  const harvest_plan& plan;
  harvest_state& state;
  progress_sink sink;
  std::vector<std::uint64_t> wanted; ///< candidates that each subject is to have
  std::size_t next = 0;              ///< the first subject that no task has taken

  [[nodiscard]] bool enough(std::size_t subject) const {
    return state.of(subject).finished() || state.of(subject).candidates >= wanted[subject];
  }
  void report(std::size_t subject) const {
    if (!sink) return;
    std::uint64_t done = 0;
    for (std::size_t i = 0; i < plan.subjects.size(); ++i)
      done += std::min<std::uint64_t>(state.of(i).candidates, plan.per_class);
    const std::string note = plan.subjects[subject].label + ": " + std::to_string(state.of(subject).candidates) +
                             " of " + std::to_string(state.of(subject).total);
    sink({"harvest", done, plan.per_class * plan.subjects.size(), note});
  }
};

/// Sorts the items of a page into `after`; returns the candidates' lines.
[[nodiscard]] std::string sort_page(const page& found, const harvest_plan& plan, const dataset::subject& subject,
                                    subject_state& after);

/// Searches for a subject, until it has what is wanted, or at most `pages` pages, or the search is at its end.
template <net::transport Transport>
net::task<void> harvest_subject(harvest_run<Transport>& run, std::size_t subject, std::size_t pages) {
  cursor<Transport> marks(run.api, subject_query(run.plan, run.plan.subjects[subject]), run.state.of(subject).mark);
  for (; pages > 0 && !run.enough(subject); --pages) {
    const std::optional<page> found = co_await marks.next();
    subject_state after = run.state.of(subject);
    std::string lines;
    if (found) lines = sort_page(*found, run.plan, run.plan.subjects[subject], after);
    after.mark = marks.mark();
    after.end = marks.end();
    run.state.append(subject, lines, std::move(after));
    run.report(subject);
  }
}

/// Takes one subject after the other until none is left.
template <net::transport Transport>
net::task<void> harvest_subjects(harvest_run<Transport>& run) {
  while (run.next < run.plan.subjects.size()) co_await harvest_subject(run, run.next++, static_cast<std::size_t>(-1));
}

} // namespace detail

/// Searches for every subject of a vocabulary and writes a table of the images found.
///
/// Subjects are searched side by side, each item is kept once, at the first subject of the vocabulary that has it, and
/// the rows stand in the order of the vocabulary and of the seeded shuffle: with the same seed and the same index on
/// the service's side the table is the same, byte for byte, however many replies came late and however often the run
/// was killed and begun again. The first request goes alone, so that a wrong key costs one. When there is nothing left
/// to do, nothing is sent. Cancellation loses at most the pages under way.
///
/// Throws what harvest_state and client::search() throw; what was found until then is kept, and the same call goes on.
template <net::transport Transport>
net::task<harvest_report> harvest(client<Transport>& api, harvest_plan plan, progress_sink sink = {}) {
  harvest_state state(plan, api.endpoint().str());
  if (state.done()) co_return *state.done();
  const std::uint64_t before = api.requests();
  const std::size_t count = plan.subjects.size();
  detail::harvest_run<Transport> run{api, plan, state, std::move(sink),
                                     std::vector<std::uint64_t>(count, plan.per_class)};

  for (std::size_t i = 0; i < count; ++i)
    if (!run.enough(i)) {
      co_await detail::harvest_subject(run, i, 1);
      break;
    }
  for (bool short_of_rows = true; short_of_rows;) {
    run.next = 0;
    std::vector<net::task<void>> tasks;
    for (std::size_t i = 0; i < std::clamp<std::size_t>(plan.concurrency, 1, count); ++i)
      tasks.push_back(detail::harvest_subjects(run));
    co_await net::when_all(std::move(tasks));
    // Items that an earlier subject has as well are made up for. That takes rounds: what one subject gains, a later one
    // may lose. An earlier subject never gives an item back, so no page is fetched in vain, and the rounds end.
    const auto merged = state.merge();
    short_of_rows = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (merged[i].rows >= plan.per_class || state.of(i).finished()) continue;
      run.wanted[i] = state.of(i).candidates + plan.per_class - merged[i].rows;
      short_of_rows = true;
    }
  }
  harvest_report report = state.finish();
  report.requests = api.requests() - before;
  co_return report;
}

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION
namespace eucv::europeana::detail {

std::string sort_page(const page& found, const harvest_plan& plan, const dataset::subject& subject,
                      subject_state& after) {
  std::string lines;
  after.total = found.total;
  for (const auto& item : found.items) {
    if (!item)
      ++after.malformed;
    else if (item->type != "IMAGE" || item->image.empty())
      ++after.without_image;
    else if (!plan.reuse.empty() && !plan.reuse.contains(item->reuse))
      ++after.refused_rights;
    else {
      lines += candidate_line(subject, *item);
      ++after.candidates;
    }
  }
  return lines;
}

} // namespace eucv::europeana::detail
#endif
