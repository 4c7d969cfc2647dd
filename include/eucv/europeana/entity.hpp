#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/url.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::europeana {

/// A concept of Europeana's Entity API.
struct entity {
  std::string uri;                           ///< in the current form: see dataset::normalise_concept_uri()
  std::map<std::string, std::string> labels; ///< the preferred label by language: "de", "en"
  std::map<std::string, std::vector<std::string>> other_labels; ///< alternative labels by language
  std::vector<std::string> exact_matches;                       ///< URIs of the same concept in other vocabularies

  /// The equal term of the Getty Art & Architecture Thesaurus, as a URI with http; empty where there is none.
  [[nodiscard]] std::string aat() const;
  /// The preferred label in the first of `languages` that has one, else in English, else in any; empty without labels.
  [[nodiscard]] std::string label(std::span<const std::string> languages) const;
};

/// Parses the JSON of a concept. Throws errc::bad_response where it is no JSON, errc::bad_record where it is no concept
/// or a field has another type than documented. `on` is the address for the message.
[[nodiscard]] entity parse_entity(std::string_view body, std::string_view on);

/// The address for a request about a concept, at the host of the Search API: that of the entity for a concept of
/// Europeana, that of the resolver for any other URI.
[[nodiscard]] net::url entity_address(const net::url& endpoint, std::string_view concept_uri);

/// The number in an address such as ".../concept/48" or ".../concept/base/48.json"; empty where there is none.
[[nodiscard]] std::string_view concept_number(std::string_view address) noexcept;

namespace detail {

/// The address of the concept of Europeana that is equal to a term of another vocabulary.
template <net::transport Transport>
net::task<net::url> resolve_concept(client<Transport>& api, const std::string& concept_uri) {
  net::request question;
  question.target = entity_address(api.endpoint(), concept_uri);
  question.follow_redirects = false; // it leads to the concept by its URI, which is not the address to read it at
  const auto read = [](const net::response& reply) { return std::string(reply.find("Location").value_or("")); };
  const std::string leads_to = co_await api.ask(question, "resolve a concept URI", read);
  const std::string number(concept_number(leads_to));
  if (number.empty())
    throw error(errc::bad_record, {"resolve", concept_uri, "the Entity API leads to no concept",
                                   "give the concept's own URI, http://data.europeana.eu/concept/NUMBER"});
  co_return entity_address(api.endpoint(), "http://data.europeana.eu/concept/" + number);
}

} // namespace detail

/// Fetches the entity of a concept of Europeana, or of the one that is equal to a term of another vocabulary, such as
/// http://vocab.getty.edu/aat/300046300. Throws as service::ask() does; an unknown URI is status 404. The client and
/// the URI must live until the task ends.
template <net::transport Transport>
net::task<entity> find_entity(client<Transport>& api, const std::string& concept_uri) {
  net::request question;
  question.target = entity_address(api.endpoint(), concept_uri);
  if (question.target.target.starts_with("/entity/resolve"))
    question.target = co_await detail::resolve_concept(api, concept_uri);
  const auto read = [on = question.target.str()](const net::response& reply) { return parse_entity(reply.body, on); };
  co_return co_await api.ask(question, "ask for a concept", read);
}

/// The subject of a vocabulary for an entity: the given URI, normalised, the label as a name of a folder, and the equal
/// AAT term. Throws errc::bad_record where the entity has no label.
[[nodiscard]] dataset::subject subject_of(const entity& found, std::string_view concept_uri,
                                          std::span<const std::string> languages);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/json.hpp>
#include <eucv/europeana/record.hpp>
#include <eucv/net/secret.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace eucv::europeana {

std::string entity::aat() const {
  for (const std::string& match : exact_matches) {
    const auto at = match.find("://vocab.getty.edu/aat/");
    if (at <= 5) return "http" + match.substr(at);
  }
  return {};
}

std::string entity::label(std::span<const std::string> languages) const {
  for (const auto& language : languages)
    if (const auto found = labels.find(language); found != labels.end()) return found->second;
  if (const auto found = labels.find("en"); found != labels.end()) return found->second;
  return labels.empty() ? std::string() : labels.begin()->second;
}

entity parse_entity(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  boost::json::value whole;
  try {
    whole = parse_json(body, address);
  } catch (const error& failure) {
    throw error(errc::bad_response, {"read a concept", address, failure.text().why, "try again later"});
  }
  const auto fault = [&](const std::string& why) {
    return error(errc::bad_record, {"read a concept", address, why, "check that the URI is that of a concept"});
  };
  if (!whole.is_object()) throw fault("the reply is no object");
  const auto& fields = whole.get_object();
  const auto text = [&](const boost::json::value& value, const char* name) {
    if (!value.is_string()) throw fault(std::string("\"") + name + "\" holds something that is no text");
    return one_line({value.get_string().data(), value.get_string().size()});
  };
  const auto list = [&](const boost::json::value& value, const char* name) {
    std::vector<std::string> values;
    if (!value.is_array()) return std::vector{text(value, name)};
    for (const auto& element : value.get_array()) values.push_back(text(element, name));
    return values;
  };
  // The members of a map from languages.
  const auto by_language = [&](const char* name, auto&& keep) {
    const auto* const member = fields.if_contains(name);
    if (member == nullptr || member->is_null()) return;
    if (!member->is_object()) throw fault(std::string("\"") + name + "\" is no map of languages");
    for (const auto& [language, value] : member->get_object())
      keep(std::string(language.data(), language.size()), value);
  };
  if (const auto* success = fields.if_contains("success"); success != nullptr && *success == false)
    throw error(errc::bad_response, {"read a concept", address, "the service reports no success", "try again later"});
  const auto *const id = fields.if_contains("id"), *const type = fields.if_contains("type");
  if (id == nullptr || type == nullptr || text(*type, "type") != "Concept") throw fault("it is no concept");
  entity found;
  found.uri = dataset::normalise_concept_uri(text(*id, "id"));
  by_language("prefLabel", [&](std::string language, const boost::json::value& value) {
    if (auto labels = list(value, "prefLabel"); !labels.empty())
      found.labels.emplace(std::move(language), labels.front());
  });
  by_language("altLabel", [&](std::string language, const boost::json::value& value) {
    found.other_labels.emplace(std::move(language), list(value, "altLabel"));
  });
  if (const auto* const matches = fields.if_contains("exactMatch"); matches != nullptr && !matches->is_null())
    found.exact_matches = list(*matches, "exactMatch");
  return found;
}

std::string_view concept_number(std::string_view address) noexcept {
  for (const std::string_view head : {"/concept/base/", "/concept/"}) {
    const auto at = address.rfind(head);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = address.substr(at + head.size());
    const std::string_view number = rest.substr(0, rest.find_first_not_of("0123456789"));
    const std::string_view tail = rest.substr(number.size());
    if (!number.empty() && (tail.empty() || tail.front() == '.' || tail.front() == '?')) return number;
  }
  return {};
}

net::url entity_address(const net::url& endpoint, std::string_view concept_uri) {
  const std::string uri = dataset::normalise_concept_uri(concept_uri);
  const std::string_view number =
      uri.starts_with("http://data.europeana.eu/") ? concept_number(uri) : std::string_view();
  net::url address = endpoint;
  address.target = number.empty() ? "/entity/resolve?uri=" + net::percent_encode(uri)
                                  : "/entity/concept/" + std::string(number) + ".json";
  return address;
}

dataset::subject subject_of(const entity& found, std::string_view concept_uri, std::span<const std::string> languages) {
  dataset::subject made;
  made.uri = dataset::normalise_concept_uri(concept_uri);
  made.label = dataset::as_label(found.label(languages));
  made.aat = made.uri.starts_with("http://vocab.getty.edu/aat/") ? made.uri : found.aat();
  if (made.label.empty())
    throw error(errc::bad_record, {"name a subject", made.uri, "the concept has no label",
                                   "write the label into the vocabulary by hand"});
  return made;
}

} // namespace eucv::europeana
#endif
