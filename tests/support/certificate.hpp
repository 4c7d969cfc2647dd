#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace test {

/// A certificate with its private key, in PEM.
struct certificate {
  std::string pem, key;
};

/// What a certificate says: the names as OpenSSL writes them ("DNS:localhost,IP:127.0.0.1"), and its days from now.
struct certificate_facts {
  std::string names = "DNS:localhost,IP:127.0.0.1";
  int first_day = -1, last_day = 1;
};

/// Signs certificates with a key made at run time, so that no key stands in the repository and none expires.
class authority {
public:
  authority() : key_(make_key()), own_(make({.names = {}}, key_.get(), nullptr)) {}

  /// Its own certificate, for client_options::ca_file.
  [[nodiscard]] std::string pem() const { return to_pem(own_.get()); }

  [[nodiscard]] certificate issue(const certificate_facts& facts = {}) const {
    const auto key = make_key();
    const auto signed_by_us = make(facts, key.get(), this);
    return {to_pem(signed_by_us.get()), to_pem(key.get())};
  }
  /// One that vouches for itself.
  [[nodiscard]] static certificate self_signed(const certificate_facts& facts = {}) {
    const auto key = make_key();
    const auto own = make(facts, key.get(), nullptr);
    return {to_pem(own.get()), to_pem(key.get())};
  }

private:
  template <auto Free>
  struct deleter {
    template <class T>
    void operator()(T* object) const {
      Free(object);
    }
  };
  using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
  using x509_ptr = std::unique_ptr<X509, deleter<X509_free>>;

  static void require(bool good) {
    if (!good) throw std::runtime_error("OpenSSL could not make a certificate");
  }
  static key_ptr make_key() {
    key_ptr key(EVP_EC_gen("P-256"));
    require(key != nullptr);
    return key;
  }

  static void add(X509* subject, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
    require(extension && X509_add_ext(subject, extension.get(), -1) == 1);
  }

  // Signed by `issuer`, or by itself where that is null; without names it is an authority.
  static x509_ptr make(const certificate_facts& facts, EVP_PKEY* key, const authority* issuer) {
    constexpr long day = 24L * 60 * 60;
    static long serial = 0;
    x509_ptr made(X509_new());
    require(made != nullptr);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), facts.first_day * day);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), facts.last_day * day);
    // Two authorities of one name would be taken for one with a wrong signature.
    const std::string common = (facts.names.empty() ? "test authority " : "test server ") + std::to_string(serial);
    const auto* name = reinterpret_cast<const unsigned char*>(common.c_str());
    require(X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, name, -1, -1, 0) == 1);
    X509_set_issuer_name(made.get(), issuer != nullptr ? X509_get_subject_name(issuer->own_.get())
                                                       : X509_get_subject_name(made.get()));
    X509_set_pubkey(made.get(), key);
    X509* signer = issuer != nullptr ? issuer->own_.get() : made.get();
    add(made.get(), signer, NID_basic_constraints, facts.names.empty() ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!facts.names.empty()) add(made.get(), signer, NID_subject_alt_name, facts.names);
    require(X509_sign(made.get(), issuer != nullptr ? issuer->key_.get() : key, EVP_sha256()) != 0);
    return made;
  }

  template <class T>
  static std::string to_pem(T* object) {
    const std::unique_ptr<BIO, deleter<BIO_free_all>> memory(BIO_new(BIO_s_mem()));
    if constexpr (std::is_same_v<std::remove_const_t<T>, X509>)
      require(PEM_write_bio_X509(memory.get(), object) == 1);
    else
      require(PEM_write_bio_PrivateKey(memory.get(), object, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  key_ptr key_;
  x509_ptr own_;
};

} // namespace test
