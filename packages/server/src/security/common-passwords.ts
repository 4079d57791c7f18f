/** What is tried first: the long ones of the public lists, and the words that are made long by digits. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `1234567890 0123456789 12345678910 123456789a a123456789 1234554321 0987654321 9876543210 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5
  q1w2e3r4t5y6 qwertyuiop qwertyuiop123 qwerty12345 qwerty123456 asdfghjkl asdfghjkl123 zaq12wsxcde3 1qazxsw23edc abcdefghij abcdefghijk
  abcdef12345 abc123abc123 password password1 password12 password123 password1234 password12345 passw0rd passw0rd123 p@ssw0rd p@ssword123
  p@ssw0rd123 mypassword yourpassword passwordpassword letmein letmeinplease letmein123 welcome welcome123 welcome1234 iloveyou iloveyou123
  iloveyouforever sunshine sunshine123 princess princess123 football football123 baseball baseball123 basketball superman superman123 batman
  dragon monkey master michael jordan jennifer charlie computer internet samsung starwars whatever trustnoone trustno1 blink182 administrator
  administrateur administrador admin adminadmin admin12345 admin123456 root rootroot changeme changeme123 changemenow default secret
  secretsecret topsecret test testtest testtesttest testing testing123 guest guestguest qwerty qwertyqwerty asdfasdf asdfasdfasdf zxcvbnm
  zxcvbnm123 labelwright correcthorsebatterystaple summer winter spring autumn monday friday google facebook linkedin hello helloworld
  helloworld123 iamthebest nothing nopassword blahblah blahblahblah lovelovelove 1111111111 0000000000 1212121212 1231231230 1122334455
  1020304050 147258369 1472583690 7777777777 69696969 123123123 123123123123 123321123321 159753159753 987654321`.split(/\s+/),
);
