#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>

#include <boost/json/fwd.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace eucv::europeana {

/// A semantic tag, "this picture of this item shows that concept", as Europeana's Annotation API takes it: W3C Web
/// Annotation Data Model (2017), motivation "tagging".
///
/// It holds no probability: the data model of the API has no property for one, and its `@context` is a single text,
/// which cannot name another namespace. enrich/evidence.hpp stores it separately.
struct annotation {
  std::string subject; ///< the body: the URI of the concept
  std::string item;    ///< the scope of the target: "http://data.europeana.eu/item/DATASET/LOCAL"
  std::string image;   ///< the source of the target: the address of the picture; empty where the tag is about the item
  std::string created; ///< "2026-01-31T12:03:45Z"; may be empty
  std::string generator;      ///< URI of this version of the software, such as model_uri(); may be empty
  std::string generator_name; ///< a readable name: "eucv 1.0"
  friend bool operator==(const annotation&, const annotation&) = default;
};

/// Whether a text looks like a URI: it begins with a scheme and holds no blanks, control characters, quotes, brackets
/// or backslashes.
[[nodiscard]] inline bool is_uri(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  return std::ranges::none_of(text, [](unsigned char c) {
    return c <= 0x20 || c == 0x7f ||
           std::string_view("\"<>{}\\^`|").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

/// The URI of a model from its digest, 64 hexadecimal digits (RFC 6920, section 7).
[[nodiscard]] inline std::string model_uri(std::string_view digest) {
  return "nih:sha-256;" + std::string(digest);
}

/// One line of JSON-LD, without the line break, in the form that the tests of the API send: the body a URI, the target
/// {scope, source}, or a URI where there is no picture.
[[nodiscard]] inline std::string to_json(const annotation& one) {
  std::string line =
      R"({"@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "motivation": "tagging")";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) line.append(", \"").append(name).append("\": ").append(json_string(value));
  };
  add("created", one.created);
  add("body", one.subject);
  if (one.image.empty())
    add("target", one.item);
  else
    line += ", \"target\": {\"scope\": " + json_string(one.item) + ", \"source\": " + json_string(one.image) + "}";
  if (!one.generator.empty())
    line += ", \"generator\": {\"id\": " + json_string(one.generator) +
            ", \"type\": \"Software\", \"name\": " + json_string(one.generator_name) + "}";
  return line + "}";
}

/// Parses a tag in any form that the API takes: the body a URI, an object with `id`, or a SpecificResource with
/// `source`; the target a URI of an item, or an object with `scope` and `source`; `@context`, `type`, `created`,
/// `creator` and `generator` may be missing. A textual tag, `bodyValue` or a body with `value`, leaves `subject` empty.
///
/// Strict, so that what it accepts can be sent: throws errc::bad_format for other motivations, unknown properties,
/// texts where URIs or times are required, and a target that is no item of Europeana. `on` names the source in the
/// message.
[[nodiscard]] annotation parse_annotation(const boost::json::value& document, const std::string& on);
/// Parses the text of a tag, as above.
[[nodiscard]] annotation parse_annotation(std::string_view text, const std::string& on);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/error.hpp>
#include <eucv/core/json.hpp>
#include <eucv/europeana/record.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>

namespace eucv::europeana {

namespace detail {

/// An object of an annotation, read member by member.
class annotation_part {
public:
  annotation_part(const boost::json::value& value, std::string name, const std::string& on,
                  std::initializer_list<std::string_view> known)
      : name_(std::move(name)), on_(&on) {
    if (!value.is_object()) refuse("is no object");
    fields_ = &value.get_object();
    for (const auto& [key, member] : *fields_)
      if (std::ranges::find(known, std::string_view(key.data(), key.size())) == known.end())
        refuse("holds \"" + std::string(key.data(), key.size()) + "\", which the Annotation API does not know");
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(errc::bad_format, {"read an annotation", *on_, name_ + " " + why,
                                   "write it as the Annotation API of Europeana documents it"});
  }
  [[nodiscard]] const boost::json::value* find(const char* key) const { return fields_->if_contains(key); }
  [[nodiscard]] std::string text(const char* key) const {
    const auto* const member = find(key);
    if (member == nullptr) return {};
    if (!member->is_string() || member->get_string().empty()) refuse(std::string("has a \"") + key + "\" without text");
    return {member->get_string().data(), member->get_string().size()};
  }
  [[nodiscard]] std::string uri(const char* key) const {
    std::string value = text(key);
    if (!value.empty() && !is_uri(value)) refuse(std::string("has a \"") + key + "\" that is no URI");
    return value;
  }
  /// "2016-11-14T08:00:00Z".
  [[nodiscard]] std::string time(const char* key) const {
    std::string value = text(key);
    constexpr std::string_view form = "0000-00-00T00:00:00Z";
    bool fits = value.empty() || value.size() == form.size();
    for (std::size_t i = 0; fits && i < value.size(); ++i)
      fits = form[i] == '0' ? value[i] >= '0' && value[i] <= '9' : value[i] == form[i];
    if (!fits) refuse(std::string("has a \"") + key + "\" that is no time in UTC");
    return value;
  }
  void one_of(const char* key, std::initializer_list<std::string_view> words) const {
    const std::string value = text(key);
    if (!value.empty() && std::ranges::find(words, value) == words.end())
      refuse(std::string("has the ") + key + " \"" + value + "\"");
  }

private:
  std::string name_;
  const std::string* on_;
  const boost::json::object* fields_ = nullptr;
};

} // namespace detail

annotation parse_annotation(const boost::json::value& document, const std::string& on) {
  using detail::annotation_part;
  const annotation_part whole(document, "it", on,
                              {"@context", "type", "motivation", "created", "generated", "creator", "generator", "body",
                               "bodyValue", "target", "equivalentTo"});
  annotation one;
  whole.one_of("@context", {"http://www.w3.org/ns/anno.jsonld", "http://www.europeana.eu/annotation/context.jsonld"});
  whole.one_of("type", {"Annotation"});
  if (whole.text("motivation") != "tagging") whole.refuse("has another motivation than \"tagging\"");
  one.created = whole.time("created");
  (void)whole.time("generated");
  (void)whole.uri("equivalentTo");
  for (const char* key : {"creator", "generator"}) {
    const auto* const agent = whole.find(key);
    if (agent == nullptr) continue;
    const annotation_part part(*agent, std::string("the ") + key, on,
                               {"id", "type", "name", "homepage", "nickname", "email", "email_sha1"});
    part.one_of("type", {"Person", "Organization", "Software"});
    if (std::string_view(key) == "creator") continue;
    one.generator = part.uri("id");
    one.generator_name = part.text("name");
  }

  const auto *const body = whole.find("body"), *const words = whole.find("bodyValue");
  if ((body == nullptr) == (words == nullptr)) whole.refuse("has no body, or a body and a bodyValue");
  if (words != nullptr) {
    (void)whole.text("bodyValue");
  } else if (body->is_string()) {
    one.subject = whole.uri("body");
  } else {
    const annotation_part part(*body, "the body", on, {"id", "type", "source", "value", "language", "format"});
    part.one_of("type", {"SpecificResource", "TextualBody"});
    one.subject = part.find("source") != nullptr ? part.uri("source") : part.uri("id");
    if (one.subject.empty() && part.text("value").empty()) part.refuse("has neither an id, a source nor a value");
  }

  const auto* const target = whole.find("target");
  if (target == nullptr) whole.refuse("has no target");
  if (target->is_string()) {
    one.item = whole.uri("target");
  } else {
    const annotation_part part(*target, "the target", on, {"type", "scope", "source"});
    part.one_of("type", {"SpecificResource"});
    one.item = part.uri("scope");
    one.image = part.uri("source");
    if (one.image.empty()) part.refuse("has a scope without a source");
  }
  constexpr std::string_view items = "http://data.europeana.eu/item";
  if (!one.item.starts_with(items) || one.item.find('/', items.size() + 1) == std::string::npos)
    whole.refuse("has a target that is no item of Europeana");
  return one;
}

annotation parse_annotation(std::string_view text, const std::string& on) {
  return parse_annotation(parse_json(text, on), on);
}

} // namespace eucv::europeana
#endif
