// The people that provider.js knows. claims is what it says of them in an ID token; scope is what their access tokens for the
// lock may hold.
export const accounts = {
  ana: {
    claims: {
      name: 'Ana', picture: 'https://id.example.com/ana.png', email: 'ana@example.com', email_verified: true, groups: ['family', 'owners'],
    },
    scope: 'door:open observe',
  },
  cleo: { // of the family, and no more
    claims: { name: 'Cleo', email: 'cleo@example.com', email_verified: true, groups: ['family'] },
    scope: '',
  },
  ben: { // nobody has given him anything
    claims: { name: 'Ben', email: 'ben@example.com', email_verified: true, groups: ['guests'] },
    scope: '',
  },
  mallory: { // writes down Ana's address, which nobody has verified
    claims: { name: 'Ana', email: 'ana@example.com', email_verified: false, groups: ['family-friends'] },
    scope: '',
  },
}
