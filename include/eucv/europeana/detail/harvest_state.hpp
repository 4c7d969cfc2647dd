#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/europeana/harvest_plan.hpp>
#include <eucv/europeana/harvest_report.hpp>
#include <eucv/europeana/record.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// The state of a harvest on disk, from which it is resumed: the folder TABLE.harvest beside the table.
///
/// `plan.json` identifies the plan, `N.rows` holds the candidates of search N in their order, `N.json` its state.
/// Search N is that of subject N; in the mode multi-label search several(N) is that for the items of subject N with
/// several labels. Candidates are written and synced first, then the state is replaced: bytes beyond the recorded
/// length are truncated by the next run. At the end the table is made from the candidates, with each item at the first
/// subject that has it; so it does not depend on the order of replies or on interruptions. Then `done.json` replaces
/// the other files. Every failure to write throws file_error(). For one thread.
class harvest_state {
public:
  /// Opens the state of `plan.table`, or begins one. Throws errc::invalid_argument where the plan is invalid, where the
  /// state belongs to another plan or endpoint, or where the table exists without a state; errc::in_use where another
  /// process uses it; errc::bad_format where it is damaged.
  harvest_state(const harvest_plan& plan, std::string_view endpoint);

  /// The report of a complete harvest, else nothing.
  [[nodiscard]] const std::optional<harvest_report>& done() const noexcept { return done_; }
  /// The state of a search.
  [[nodiscard]] const subject_state& of(std::size_t search) const { return states_[search]; }
  /// The number of the search for items of a subject with several labels.
  [[nodiscard]] std::size_t several(std::size_t subject) const noexcept { return plan_.subjects.size() + subject; }

  /// Stores a page: its candidates, lines of candidate_line(), and the state after it, whose `length` is set here.
  void append(std::size_t search, std::string_view candidates, subject_state after);

  /// Counts the rows and duplicates of each subject for a table of the candidates so far.
  [[nodiscard]] std::vector<subject_report> merge() const;
  /// Writes the table and completes the harvest.
  harvest_report finish();

private:
  [[nodiscard]] std::filesystem::path file_of(std::size_t search, std::string_view suffix) const;
  template <class RowSink>
  std::vector<subject_report> merge_into(RowSink&& sink) const;
  [[nodiscard]] std::string label_cells(std::string_view numbers, std::size_t search) const;
  [[nodiscard]] error changed(std::size_t search) const;
  void load(const std::string& found, const std::string& wanted);
  void remove_candidates() const;

  harvest_plan plan_;
  std::filesystem::path folder_;
  std::optional<folder_lock> lock_;
  std::vector<subject_state> states_;
  std::optional<harvest_report> done_;
};

/// One line of `N.rows`: the ID, the numbers of its labels in the vocabulary with blanks between, and the row of the
/// table from the third column on, with tabs between. `labels` are not empty.
[[nodiscard]] std::string candidate_line(const std::vector<std::size_t>& labels, const record& item);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/file.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/europeana/id_set.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <system_error>
#include <utility>

namespace eucv::europeana {

namespace detail {

// Passes the lines in the first `length` bytes of a file to `sink`, until it returns false.
template <class LineSink>
void for_each_line(const std::filesystem::path& path, std::uint64_t length, LineSink&& sink) {
  if (length == 0) return;
  file input(path, O_RDONLY);
  std::string buffer;
  std::vector<char> piece(std::size_t{1} << 18);
  while (length > 0) {
    const std::size_t count =
        input.read(std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), length))));
    if (count == 0) break;
    length -= count;
    buffer.append(piece.data(), count);
    std::size_t begin = 0;
    for (std::size_t end; (end = buffer.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (!sink(std::string_view(buffer).substr(begin, end - begin))) return;
    buffer.erase(0, begin);
  }
  if (length > 0 || !buffer.empty())
    throw error(errc::bad_format, {"read the candidates of a harvest", path.string(), "the file was changed or cut",
                                   "remove its folder to harvest anew"});
}

} // namespace detail

std::string candidate_line(const std::vector<std::size_t>& labels, const record& item) {
  const std::array<std::string, harvest_columns.size() - 2> cells{
      item.uri(),   item.id,    item.image,   item.rights,       item.data_provider, item.provider,
      item.country, item.title, item.creator, item.landing_page, item.preview};
  std::string line = item.id + '\t';
  for (const std::size_t label : labels) line.append(line.ends_with('\t') ? "" : " ").append(std::to_string(label));
  return line + '\t' + dataset::csv_row(cells);
}

harvest_state::harvest_state(const harvest_plan& plan, std::string_view endpoint)
    : plan_(plan), folder_(plan.table.string() + ".harvest"),
      states_(plan.subjects.size() * (plan.mode == harvest_mode::multi_label ? 2 : 1)) {
  detail::check_plan(plan);
  const bool has_table = std::filesystem::exists(plan.table);
  const bool has_state = std::filesystem::exists(folder_ / "plan.json");
  if (has_table && !has_state)
    throw error(errc::invalid_argument,
                {"harvest into", plan.table.string(), "the file is there, but no state of a harvest beside it",
                 "choose another name, or move the file away"});
  std::error_code failure;
  if (std::filesystem::create_directory(folder_, failure); failure)
    throw file_error("make the folder", folder_, failure.value());
  lock_.emplace(folder_);
  const std::string wanted = detail::plan_text(plan, endpoint);
  if (!has_state) {
    write_file_atomically(folder_ / "plan.json", wanted);
    return;
  }
  load(read_file(folder_ / "plan.json"), wanted);
  if (!done_) return;
  remove_candidates(); // left by a run that was killed between its last steps
  if (has_table) return;
  // The table was moved away since: harvest anew.
  std::filesystem::remove(folder_ / "done.json");
  sync_folder(folder_);
  done_.reset();
  states_.assign(states_.size(), {});
}

std::filesystem::path harvest_state::file_of(std::size_t search, std::string_view suffix) const {
  return folder_ / (std::to_string(search) + std::string(suffix));
}

void harvest_state::load(const std::string& found, const std::string& wanted) {
  if (found != wanted) {
    const auto [before, now] = detail::first_difference(found, wanted);
    throw error(errc::invalid_argument,
                {"go on with the harvest", plan_.table.string(), "it was begun with " + before + ", not with " + now,
                 "give the same parameters, choose another table, or remove " + folder_.string() + " and the table"});
  }
  if (const auto path = folder_ / "done.json"; std::filesystem::exists(path)) {
    done_ = parse_harvest_report(read_file(path), path.string());
    return;
  }
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (const auto path = file_of(i, ".json"); std::filesystem::exists(path))
      states_[i] = parse_subject_state(read_file(path), path.string());
}

void harvest_state::append(std::size_t search, std::string_view candidates, subject_state after) {
  subject_state& state = states_.at(search);
  after.length = state.length + candidates.size();
  if (!candidates.empty()) {
    file output(file_of(search, ".rows"), O_WRONLY | O_CREAT | O_NOFOLLOW);
    output.truncate(state.length);
    output.write(candidates);
    output.sync();
  }
  // The name of a new .rows file must be on the disk before the state that counts it.
  if (state.length == 0 && !candidates.empty()) sync_folder(folder_);
  write_file_atomically(file_of(search, ".json"), to_json(after));
  state = std::move(after);
}

template <class RowSink>
std::vector<subject_report> harvest_state::merge_into(RowSink&& sink) const {
  std::vector<subject_report> reports;
  std::uint64_t candidates = 0;
  for (const auto& state : states_) candidates += state.candidates;
  id_set taken(candidates);
  for (std::size_t i = 0; i < plan_.subjects.size(); ++i) {
    subject_report& report = reports.emplace_back();
    report.label = plan_.subjects[i].label;
    report.uri = dataset::normalise_concept_uri(plan_.subjects[i].uri);
    report.state = states_[i];
    std::vector<std::size_t> searches{i};
    if (plan_.mode == harvest_mode::multi_label) {
      searches.insert(searches.begin(), several(i)); // rare, so they come first
      const subject_state& more = states_[several(i)];
      report.state.malformed += more.malformed;
      report.state.without_image += more.without_image;
      report.state.refused_rights += more.refused_rights;
    }
    std::string previous, cells; // the cells of the labels of the previous row
    for (const std::size_t search : searches) {
      if (report.rows >= plan_.per_class) break;
      detail::for_each_line(file_of(search, ".rows"), states_[search].length, [&](std::string_view line) {
        const std::size_t id = line.find('\t'), labels = line.find('\t', id + 1);
        if (id == std::string_view::npos || labels == std::string_view::npos) throw changed(search);
        if (!taken.insert(line.substr(0, id))) return ++report.duplicates, true;
        const std::string_view numbers = line.substr(id + 1, labels - id - 1);
        if (numbers != previous) cells = label_cells(previous.assign(numbers), search);
        if (numbers.find(' ') != std::string_view::npos) ++report.several;
        sink(cells, line.substr(labels + 1));
        return ++report.rows < plan_.per_class;
      });
    }
  }
  return reports;
}

// The first two cells of a row, from the numbers of its labels.
std::string harvest_state::label_cells(std::string_view numbers, std::size_t search) const {
  std::array<std::string, 2> cells;
  while (!numbers.empty()) {
    std::size_t label = 0;
    const auto [end, fault] = std::from_chars(numbers.data(), numbers.data() + numbers.size(), label);
    if (fault != std::errc{} || label >= plan_.subjects.size()) throw changed(search);
    numbers.remove_prefix(static_cast<std::size_t>(end - numbers.data()));
    numbers.remove_prefix(numbers.empty() ? 0 : 1);
    const char* const gap = cells[0].empty() ? "" : " ";
    cells[0].append(gap).append(plan_.subjects[label].label);
    cells[1].append(gap).append(dataset::normalise_concept_uri(plan_.subjects[label].uri));
  }
  std::string row = dataset::csv_row(cells);
  row.back() = ','; // instead of the end of the line
  return row;
}

error harvest_state::changed(std::size_t search) const {
  return {errc::bad_format,
          {"read the candidates of a harvest", file_of(search, ".rows").string(), "the file was changed",
           "remove its folder to harvest anew"}};
}

std::vector<subject_report> harvest_state::merge() const {
  return merge_into([](std::string_view, std::string_view) {});
}

harvest_report harvest_state::finish() {
  harvest_report report;
  write_file_atomically(plan_.table, [&](file& output) {
    std::string buffer = dataset::csv_row(std::vector<std::string>(harvest_columns.begin(), harvest_columns.end()));
    report.subjects = merge_into([&](std::string_view labels, std::string_view row) {
      buffer.append(labels).append(row).append("\n");
      if (buffer.size() < std::size_t{1} << 18) return;
      output.write(buffer);
      buffer.clear();
    });
    output.write(buffer);
  });
  write_file_atomically(folder_ / "done.json", to_json(report));
  remove_candidates();
  done_ = report;
  return report;
}

void harvest_state::remove_candidates() const {
  std::error_code ignored; // files that remain are removed by the next run
  for (std::size_t i = 0; i < states_.size(); ++i) {
    std::filesystem::remove(file_of(i, ".json"), ignored);
    std::filesystem::remove(file_of(i, ".rows"), ignored);
  }
}

} // namespace eucv::europeana
#endif
