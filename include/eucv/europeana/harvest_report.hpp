#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/europeana/cursor.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// The state of one search of a harvest.
struct subject_state {
  std::string mark = "*";            ///< of the next page
  cursor_end end = cursor_end::none; ///< why there is no next page
  std::uint64_t length = 0;          ///< valid bytes of the file of candidates
  std::uint64_t candidates = 0;      ///< items that may become rows
  std::uint64_t total = 0;           ///< matching items, as the service counts them now
  std::uint64_t first_total = 0;     ///< the same at the first page
  std::uint64_t malformed = 0;       ///< items that violate the documentation of the API: errc::bad_record
  std::uint64_t without_image = 0;   ///< items of another type than IMAGE, or without an http(s) `edmIsShownBy`
  std::uint64_t refused_rights = 0;  ///< items whose rights statement is not what was asked for

  /// Whether the search has ended.
  [[nodiscard]] bool finished() const noexcept { return end != cursor_end::none; }
  /// Items read so far.
  [[nodiscard]] std::uint64_t items() const noexcept { return candidates + malformed + without_image + refused_rights; }
};

/// The result of one subject. `state` is that of its search; in the mode multi-label its counts of refused items
/// include those of the search for items with several labels.
struct subject_report {
  std::string label, uri;
  std::uint64_t rows = 0;       ///< of the table
  std::uint64_t duplicates = 0; ///< items that an earlier page or subject has already
  std::uint64_t several = 0;    ///< rows with more than one label
  subject_state state;
};

/// The result of a harvest.
struct harvest_report {
  std::vector<subject_report> subjects; ///< in the order of the vocabulary
  std::uint64_t requests = 0;           ///< sent by this run; 0 for a harvest that was complete before
  bool complete = true;                 ///< false: the allowed requests are used up, and no table is written
  std::uint64_t requests_left = 0;      ///< estimate for the rest of an incomplete harvest

  /// Rows of the table.
  [[nodiscard]] std::uint64_t rows() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& subject : subjects) sum += subject.rows;
    return sum;
  }
};

/// A state as one line of JSON.
[[nodiscard]] std::string to_json(const subject_state& state);
/// Parses a line of to_json(). Throws errc::bad_format, which names `on`, for anything else.
[[nodiscard]] subject_state parse_subject_state(std::string_view text, const std::string& on);

/// The subjects of the report of a complete harvest as JSON; `requests` is left out, since it belongs to one run.
[[nodiscard]] std::string to_json(const harvest_report& report);
/// Parses a text of to_json(). Throws errc::bad_format, which names `on`, for anything else.
[[nodiscard]] harvest_report parse_harvest_report(std::string_view text, const std::string& on);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/json.hpp>
#include <eucv/core/json_text.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace eucv::europeana {

namespace detail {

// Reads what to_json() wrote; anything else is damage.
class state_reader {
public:
  state_reader(const boost::json::value& whole, std::string on) : on_(std::move(on)) {
    if (!whole.is_object()) throw damage();
    fields_ = &whole.get_object();
  }
  [[nodiscard]] std::string text(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr || !member->is_string()) throw damage();
    return {member->get_string().data(), member->get_string().size()};
  }
  [[nodiscard]] std::uint64_t number(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr || !member->is_int64() || member->get_int64() < 0) throw damage();
    return static_cast<std::uint64_t>(member->get_int64());
  }
  [[nodiscard]] const boost::json::array& array(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr || !member->is_array()) throw damage();
    return member->get_array();
  }
  [[nodiscard]] state_reader object(const char* name) const {
    const auto* const member = fields_->if_contains(name);
    if (member == nullptr) throw damage();
    return {*member, on_};
  }
  [[nodiscard]] subject_state state() const {
    subject_state found;
    found.mark = text("mark");
    const std::string end = text("end");
    for (const auto word : {cursor_end::no_mark, cursor_end::empty_page, cursor_end::repeated_mark, cursor_end::loop,
                            cursor_end::overrun})
      if (to_string(word) == end) found.end = word;
    if (!found.finished() && end != "none") throw damage();
    found.length = number("length");
    found.candidates = number("candidates");
    found.total = number("total");
    found.first_total = number("first_total");
    found.malformed = number("malformed");
    found.without_image = number("without_image");
    found.refused_rights = number("refused_rights");
    return found;
  }
  [[nodiscard]] error damage() const {
    return {errc::bad_format,
            {"read the state of a harvest", on_, "it is not what eucv wrote", "remove its folder to harvest anew"}};
  }

private:
  std::string on_;
  const boost::json::object* fields_ = nullptr;
};

} // namespace detail

std::string to_json(const subject_state& state) {
  const auto number = [](const char* name, std::uint64_t value) {
    return std::string(",\"") + name + "\":" + std::to_string(value);
  };
  return "{\"mark\":" + json_string(state.mark) + ",\"end\":" + json_string(to_string(state.end)) +
         number("length", state.length) + number("candidates", state.candidates) + number("total", state.total) +
         number("first_total", state.first_total) + number("malformed", state.malformed) +
         number("without_image", state.without_image) + number("refused_rights", state.refused_rights) + "}";
}

subject_state parse_subject_state(std::string_view text, const std::string& on) {
  const boost::json::value whole = parse_json(text, on);
  return detail::state_reader(whole, on).state();
}

std::string to_json(const harvest_report& report) {
  std::string text = "{\"subjects\":[";
  for (const auto& subject : report.subjects)
    text += std::string(&subject == report.subjects.data() ? "\n" : ",\n") +
            "{\"label\":" + json_string(subject.label) + ",\"uri\":" + json_string(subject.uri) +
            ",\"rows\":" + std::to_string(subject.rows) + ",\"duplicates\":" + std::to_string(subject.duplicates) +
            ",\"several\":" + std::to_string(subject.several) + ",\"state\":" + to_json(subject.state) + "}";
  return text + "]}\n";
}

harvest_report parse_harvest_report(std::string_view text, const std::string& on) {
  const boost::json::value whole = parse_json(text, on);
  harvest_report report;
  for (const auto& element : detail::state_reader(whole, on).array("subjects")) {
    const detail::state_reader fields(element, on);
    subject_report& subject = report.subjects.emplace_back();
    subject.label = fields.text("label");
    subject.uri = fields.text("uri");
    subject.rows = fields.number("rows");
    subject.duplicates = fields.number("duplicates");
    subject.several = fields.number("several");
    subject.state = fields.object("state").state();
  }
  return report;
}

} // namespace eucv::europeana
#endif
