#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// A class of pictures and its concept in a controlled vocabulary. Not named `concept`, which is a keyword of C++.
struct subject {
  std::string label; ///< the name of the class, and of its folder: "costume_accessories"
  std::string uri;   ///< the concept URI that items of Europeana carry today
  std::string aat;   ///< the equal term of Getty's Art & Architecture Thesaurus, as a URI; may be empty

  friend bool operator==(const subject&, const subject&) = default;
};

/// Subjects in the order in which they are asked for. Class indices follow the sorted labels, whatever this order.
using vocabulary = std::vector<subject>;

/// The URI as Europeana's index knows it today: spaces around it removed, `https` replaced by the `http` of the
/// identifier, and /concept/base/N, the form of 2021 that matches nothing any more, turned into /concept/N. URIs of
/// other hosts are only trimmed.
[[nodiscard]] std::string normalise_concept_uri(std::string_view uri);

/// The 20 classes of the pilot of 2021 in alphabetical order, with the concept URIs of today (five of them are AAT
/// terms, as in the pilot) and the AAT term of each. The reference lives as long as the program.
[[nodiscard]] const vocabulary& pilot_vocabulary();

/// `text` as a label, which names a folder and a cell of a table: "Costume Accessories" becomes "costume_accessories".
///
/// ASCII letters in lower case, all runs of blanks, slashes and control characters one '_', none at the ends, and no
/// dot or hyphen in front; other letters stay. Empty where nothing is left.
[[nodiscard]] std::string as_label(std::string_view text);

/// The JSON object {label: concept URI} that parse_vocabulary() reads, one subject a line.
[[nodiscard]] std::string to_json(const vocabulary& subjects);

/// Replaces the file `path` by to_json(), atomically; throws as write_file_atomically().
inline void write_vocabulary(const std::filesystem::path& path, const vocabulary& subjects) {
  write_file_atomically(path, to_json(subjects));
}

/// Reads a vocabulary from JSON text, an object {label: concept URI} as the pilot's `vocabulary.json`: subjects in the
/// order of the text, URIs normalised; `aat` is filled where the URI is the pilot's or an AAT term itself.
/// Throws errc::bad_format for what is no such object, an empty one, a label that cannot name a folder, a value that
/// is no http or https URI, and two labels with one URI. `on` names the source in the message.
[[nodiscard]] vocabulary parse_vocabulary(std::string_view text, const std::string& on);

/// parse_vocabulary() of a file; also throws what read_file() throws.
[[nodiscard]] vocabulary read_vocabulary(const std::filesystem::path& path);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/json.hpp>

#include <algorithm>

namespace eucv::dataset {

std::string normalise_concept_uri(std::string_view uri) {
  constexpr std::string_view space = " \t\r\n", host = "://data.europeana.eu/", base = "concept/base/";
  uri.remove_prefix(std::min(uri.find_first_not_of(space), uri.size()));
  uri = uri.substr(0, uri.find_last_not_of(space) + 1);
  std::string_view rest = uri;
  if (rest.starts_with("http")) rest.remove_prefix(4);
  if (rest.starts_with("s:")) rest.remove_prefix(1);
  if (!rest.starts_with(host)) return std::string(uri);
  rest.remove_prefix(host.size());
  const bool old = rest.starts_with(base);
  return "http" + std::string(host) + (old ? "concept/" : "") + std::string(rest.substr(old ? base.size() : 0));
}

const vocabulary& pilot_vocabulary() {
  static const vocabulary subjects = [] {
    struct line {
      const char *label, *concept_number, *aat_number;
    };
    constexpr line lines[] = {
        {"archaeological_site", "", "300266151"},
        {"building", "29", "300004792"},
        {"ceramics", "31", "300151343"},
        {"clothing", "", "300266639"},
        {"costume_accessories", "", "300209273"},
        {"drawing", "35", "300033973"},
        {"furniture", "37", "300037680"},
        {"inscription", "", "300028702"},
        {"jewellery", "41", "300209286"},
        {"map", "43", "300028094"},
        {"painting", "47", "300033618"},
        {"photograph", "48", "300046300"},
        {"postcard", "50", "300026816"},
        {"sculpture", "51", "300047090"},
        {"specimen", "167", "300235576"},
        {"tapestry", "54", "300205002"},
        {"textile", "55", "300231565"},
        {"toy", "56", "300211037"},
        {"weaponry", "", "300036926"},
        {"woodwork", "59", "300015348"},
    };
    vocabulary all;
    for (const line& each : lines) {
      const std::string aat = std::string("http://vocab.getty.edu/aat/") + each.aat_number;
      const std::string number = each.concept_number;
      all.push_back({each.label, number.empty() ? aat : "http://data.europeana.eu/concept/" + number, aat});
    }
    return all;
  }();
  return subjects;
}

std::string as_label(std::string_view text) {
  std::string label;
  bool gap = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '/' || c == '\\' || c == '_') {
      gap = true;
      continue;
    }
    if (label.empty() && (c == '.' || c == '-')) continue;
    if (gap && !label.empty()) label += '_';
    gap = false;
    label += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return label;
}

std::string to_json(const vocabulary& subjects) {
  std::string text = "{";
  const char* gap = "\n  ";
  for (const subject& each : subjects) {
    text += gap + json_string(each.label) + ": " + json_string(each.uri);
    gap = ",\n  ";
  }
  return text + "\n}\n";
}

namespace detail {

// Empty where the label may name a folder, else the reason.
static std::string fault_of_label(std::string_view label) {
  if (label.empty()) return "is empty";
  if (label.front() == '.') return "begins with a dot";
  if (label.find_first_of("/\\") != std::string_view::npos) return "holds a slash";
  if (std::any_of(label.begin(), label.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
    return "holds a control character";
  if (label.front() == ' ' || label.back() == ' ') return "begins or ends with a space";
  return {};
}

static bool is_concept_uri(std::string_view uri) {
  const bool web = uri.starts_with("http://") || uri.starts_with("https://");
  const std::size_t host = uri.find("//") + 2;
  return web && host < uri.size() && uri[host] != '/' &&
         std::none_of(uri.begin(), uri.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7F || c == '"'; });
}

static std::string aat_of(const std::string& uri) {
  if (uri.starts_with("http://vocab.getty.edu/aat/")) return uri;
  for (const subject& each : pilot_vocabulary())
    if (each.uri == uri) return each.aat;
  return {};
}

} // namespace detail

vocabulary parse_vocabulary(std::string_view text, const std::string& on) {
  const auto refuse = [&](const std::string& why) {
    return error(errc::bad_format, {"read the vocabulary", on, why,
                                    "write a JSON object such as {\"map\": \"http://data.europeana.eu/concept/43\"}"});
  };
  const boost::json::value document = parse_json(text, on);
  if (!document.is_object()) throw refuse("it is JSON, but no object {label: concept URI}");
  vocabulary subjects;
  for (const auto& [key, value] : document.get_object()) {
    const std::string label(key.data(), key.size());
    if (const std::string fault = detail::fault_of_label(label); !fault.empty())
      throw refuse("the label \"" + label + "\" " + fault);
    if (!value.is_string()) throw refuse("the value of \"" + label + "\" is no text");
    const std::string uri = normalise_concept_uri(std::string_view(value.get_string()));
    if (!detail::is_concept_uri(uri)) throw refuse("the value of \"" + label + "\" is no http URI: " + uri);
    for (const subject& other : subjects)
      if (other.uri == uri) throw refuse("\"" + other.label + "\" and \"" + label + "\" have the same URI, " + uri);
    subjects.push_back({label, uri, detail::aat_of(uri)});
  }
  if (subjects.empty()) throw refuse("it holds no label");
  return subjects;
}

vocabulary read_vocabulary(const std::filesystem::path& path) {
  return parse_vocabulary(read_file(path), path.string());
}

} // namespace eucv::dataset
#endif
